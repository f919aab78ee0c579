//! A unit as the engine reaches it: its host, and what its environment says about driver, balancer and checks.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::ending::Trouble;
use crate::domain::{
    name::{ComponentName, EnvironmentName, UnitId},
    plan::{Balancer, Check, Driver, Environment, Host, Placeholder, Plan, Template, Vars, Verb},
};

/// What one environment says about how all its units of one component are reached.
#[derive(Debug)]
pub struct Site {
    pub environment: EnvironmentName,
    pub driver: Driver,
    pub balancer: Balancer,
    pub alive: Option<Check>,
    pub self_test: Option<Check>,
    /// Where the artifact comes from.
    pub source: Template,
    pub component: ComponentName,
    /// The part that these are units of, where several are deployed.
    pub part: Option<ComponentName>,
    /// Its driver is that of the environment, which locks it.
    pub locks: bool,
    base: PathBuf,
}

impl Site {
    /// Whether a look at a unit can see nothing that changes by itself: nobody is asked.
    pub fn shows_nothing(&self) -> bool {
        let asks = match &self.driver {
            Driver::Exec { verbs, .. } => verbs.contains_key(&Verb::Observe),
            Driver::Converge(converge) => converge.agents.is_some(),
            Driver::Local { .. } | Driver::Ssh { .. } => true,
        };
        !asks && self.alive.is_none() && self.balancer == Balancer::None
    }
}

#[derive(Clone, Debug)]
pub struct Unit {
    pub site: Arc<Site>,
    pub host: Host,
    /// The driver's directory for this unit, absolute.
    pub dir: PathBuf,
}

impl Site {
    fn new(plan: &Plan, environment: &Environment, component: &ComponentName, base: &Path) -> Self {
        let part = Some(component).filter(|_| plan.has_parts());
        let driver = plan.driver(environment, part);
        Self {
            environment: environment.name.clone(),
            driver: driver.clone(),
            balancer: plan.balancer(environment, part).clone(),
            alive: plan.alive(part).cloned(),
            self_test: plan.self_test(part).cloned(),
            source: plan.source(part).clone(),
            component: component.clone(),
            part: part.cloned(),
            locks: std::ptr::eq(driver, &raw const environment.driver),
            base: base.into(),
        }
    }
}

impl Unit {
    fn on(site: Arc<Site>, host: &Host) -> Self {
        let mut unit = Self { dir: site.base.clone(), host: host.clone(), site };
        unit.dir = match &unit.site.driver {
            // One directory a host, also where the plan names one for all.
            Driver::Local { dir, .. } if dir.uses(Placeholder::Name) => {
                unit.site.base.join(unit.rendered(dir))
            }
            Driver::Local { dir, .. } => {
                unit.site.base.join(unit.rendered(dir)).join(file_name(host.name.as_str()))
            }
            Driver::Exec { dir: Some(dir), .. } => unit.site.base.join(unit.rendered(dir)),
            Driver::Exec { dir: None, .. } | Driver::Ssh { .. } | Driver::Converge(_) => {
                unit.site.base.clone()
            }
        };
        unit
    }

    /// The deploy root: the directory that the plan names, whether it holds one host or all.
    pub fn root(&self) -> PathBuf {
        match &self.site.driver {
            Driver::Local { dir, .. } if !dir.uses(Placeholder::Name) => {
                self.site.base.join(self.rendered(dir))
            }
            _ => self.dir.clone(),
        }
    }

    /// The driver's directory may name the host, but neither a version nor itself.
    fn rendered(&self, dir: &Template) -> String {
        dir.render(&Vars { dir: String::new(), ..self.vars("") })
    }

    pub fn vars(&self, version: &str) -> Vars {
        Vars {
            host: self.host.address.clone(),
            name: self.host.name.to_string(),
            port: self.host.port.map(|port| port.to_string()).unwrap_or_default(),
            version: version.into(),
            environment: self.site.environment.to_string(),
            component: self.site.component.to_string(),
            dir: self.dir.to_string_lossy().into_owned(),
            ..Vars::default()
        }
    }

    /// What a command for this host finds in its environment.
    pub fn variables(&self) -> Vec<(String, String)> {
        vec![
            ("GOLIVE_UNIT".into(), self.id().to_string()),
            ("GOLIVE_HOST".into(), self.host.name.to_string()),
            ("GOLIVE_ENVIRONMENT".into(), self.site.environment.to_string()),
        ]
    }

    pub fn id(&self) -> &UnitId {
        &self.host.unit
    }
}

/// All units of a plan, found by name without looking through ten thousand.
#[derive(Debug, Default)]
pub struct Units {
    by_id: HashMap<UnitId, Arc<Unit>>,
    /// In the plan's order.
    by_environment: HashMap<EnvironmentName, Vec<Arc<Unit>>>,
}

impl Units {
    pub fn of(plan: &Plan, base: &Path) -> Self {
        let mut units = Self::default();
        for environment in plan.environments.values() {
            let mut all = Vec::new();
            let mut site: Option<Arc<Site>> = None;
            for pool in &environment.pools {
                let same = site.take().filter(|site| site.component == pool.component);
                let of =
                    same.unwrap_or_else(|| Arc::new(Site::new(plan, environment, &pool.component, base)));
                all.extend(pool.hosts.iter().map(|host| Arc::new(Unit::on(of.clone(), host))));
                site = Some(of);
            }
            units.by_id.extend(all.iter().map(|unit| (unit.id().clone(), unit.clone())));
            units.by_environment.insert(environment.name.clone(), all);
        }
        units
    }

    pub fn find(&self, id: &UnitId) -> Result<Arc<Unit>, Trouble> {
        let unit = self.by_id.get(id).cloned();
        unit.ok_or_else(|| Trouble::failed(format!("{id} is not in the adopted plan")))
    }

    /// Those of which the environment's balancer knows.
    pub fn balanced(&self, environment: &EnvironmentName) -> Result<Vec<Arc<Unit>>, Trouble> {
        let all = self.all(environment)?;
        let known = |unit: &&Arc<Unit>| unit.site.balancer != Balancer::None;
        // Where there is no balancer, it is asked as one that knows nobody.
        let balanced: Vec<_> = all.iter().filter(known).cloned().collect();
        Ok(if balanced.is_empty() { all.to_vec() } else { balanced })
    }

    pub fn all(&self, environment: &EnvironmentName) -> Result<&[Arc<Unit>], Trouble> {
        let units = self.by_environment.get(environment).map(Vec::as_slice);
        units.ok_or_else(|| Trouble::failed(format!("{environment} is not in the adopted plan")))
    }
}

/// A name as one component of a path: no separators, not hidden, never `..`.
pub(crate) fn file_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._+-".contains(c) { c } else { '_' };
    let mut text: String = name.chars().map(safe).collect();
    if text.starts_with('.') {
        text.replace_range(..1, "_");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_name_never_leaves_its_directory() {
        assert_eq!(file_name("2.5.0+build-7"), "2.5.0+build-7");
        assert_eq!(file_name("../../etc/passwd"), "_._.._etc_passwd");
        assert_eq!(file_name(".hidden"), "_hidden");
        assert_eq!(file_name("rëlease 1"), "r_lease_1");
    }
}
