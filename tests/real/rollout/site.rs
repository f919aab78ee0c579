//! Four hosts, each a directory with a port of its own, a real HAProxy in front of them, and releases of a small
//! site that nginx serves.

use std::{
    fmt::Write as _,
    fs,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use golive::clock::Clock;

use super::bench::Bench;

pub struct Site {
    pub bench: Bench,
    pub front: u16,
    pub ports: Vec<u16>,
    proxy: Option<Child>,
    /// How often HAProxy asks another host for one that refuses the connection.
    pub retries: u32,
}

pub const HOSTS: [&str; 4] = ["web-01", "web-02", "web-03", "web-04"];

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Site {
    pub fn new() -> Self {
        let bench = Bench::new();
        fs::create_dir_all(bench.project().join("dist")).unwrap();
        let ports: Vec<u16> = HOSTS.iter().map(|_| free_port()).collect();
        let mut site = Self { bench, front: free_port(), ports, proxy: None, retries: 0 };
        site.machines();
        site.write_plan();
        site.start_proxy();
        site
    }

    pub fn socket(&self) -> PathBuf {
        self.bench.path("haproxy.sock")
    }

    /// What belongs to a machine rather than to a release: its port, and the database it reaches.
    fn machines(&self) {
        for (host, port) in HOSTS.iter().zip(&self.ports) {
            let dir = self.bench.path("hosts").join(host);
            fs::create_dir_all(dir.join("tmp")).unwrap();
            fs::write(dir.join("listen.conf"), format!("listen 127.0.0.1:{port};\n")).unwrap();
            fs::write(dir.join("db-5432"), "ok").unwrap();
        }
        // Only the first machine reaches the new database.
        fs::write(self.bench.path("hosts").join("web-01").join("db-5433"), "ok").unwrap();
    }

    /// A release: nginx' configuration and a page; its self-test passes where the machine has `database`.
    pub fn release(&self, version: &str, database: &str) {
        let name = format!("shop-{version}");
        let dir = self.bench.path(&name);
        fs::create_dir_all(dir.join("conf")).unwrap();
        let hosts = self.bench.path("hosts");
        let conf = format!(
            r#"daemon off;
worker_processes 1;
{user}
pid ../../tmp/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path ../../tmp/body; proxy_temp_path ../../tmp/proxy;
  fastcgi_temp_path ../../tmp/fastcgi; uwsgi_temp_path ../../tmp/uwsgi; scgi_temp_path ../../tmp/scgi;
  server {{
    include ../../../listen.conf;
    location = / {{ return 200 "shop {version}\n"; }}
    location = /order {{ return {order} "order\n"; }}
    location = /is_alive {{ return 200 '{{"version":"{version}"}}'; }}
    location = /selftest {{ root {hosts}; try_files /$arg_host/{database} =500; }}
  }}
}}
"#,
            hosts = hosts.display(),
            // Of this one every order fails, which no test of it finds.
            order = if version == "2.6.0" { 500 } else { 200 },
            user = if rustix::process::geteuid().is_root() { "user root;" } else { "" },
        );
        fs::write(dir.join("conf/nginx.conf"), conf).unwrap();
        let done = Command::new("tar")
            .arg("-C")
            .arg(&dir)
            .arg("-czf")
            .arg(self.bench.project().join("dist").join(format!("{name}.tar.gz")))
            .arg("conf")
            .status()
            .unwrap();
        assert!(done.success());
    }

    fn write_plan(&self) {
        let mut hosts = String::new();
        for (host, port) in HOSTS.iter().zip(&self.ports) {
            write!(hosts, "{{ name = \"{host}\", address = \"127.0.0.1\", port = {port} }}, ").unwrap();
        }
        let dir = self.bench.path("hosts");
        let plan = format!(
            r#"[project]
name = "shop"
checklists = ["RELEASE.md"]

[people]
dana = {{ roles = ["decider", "engineering"] }}
raj = {{ roles = ["operations", "deployer"] }}

[artifact]
source = "dist/shop-{{version}}.tar.gz"

[environments.production]
hosts = [{hosts}]
driver = {{ kind = "local", dir = "{dir}/{{name}}", start = ["nginx", "-p", "{{dir}}/current/", "-c", "conf/nginx.conf"] }}
balancer = {{ kind = "haproxy", socket = "{socket}", backend = "shop", drain_timeout = "10s" }}
deadlines = {{ min_healthy_time = "500ms", healthy_deadline = "30s", progress_deadline = "60s" }}

[checks.alive]
http = "http://{{host}}:{{port}}/is_alive"
version_pointer = "/version"
[checks.self-test]
http = "http://{{host}}:{{port}}/selftest?host={{name}}"
[checks.smoke]
http = "http://127.0.0.1:{front}/"

[[stages]]
name = "production"
environment = "production"
validations = ["smoke"]
bake = "1s"
promote = "automatic"

[poll]
seats = [{{ role = "engineering" }}, {{ role = "operations" }}]

[plan_b]
decides = "dana"
"#,
            dir = dir.display(),
            socket = self.socket().display(),
            front = self.front,
        );
        fs::write(self.bench.project().join("golive.toml"), plan).unwrap();
        fs::write(
            self.bench.project().join("RELEASE.md"),
            "# Before\n- [ ] support is told @operations (T-1d)\n",
        )
        .unwrap();
    }

    /// Another plan than the usual one, before anything is opened.
    #[track_caller]
    pub fn replace_in_plan(&self, old: &str, new: &str) {
        let file = self.bench.project().join("golive.toml");
        let plan = fs::read_to_string(&file).unwrap();
        assert!(plan.contains(old), "{plan}");
        fs::write(file, plan.replace(old, new)).unwrap();
    }

    pub fn start_proxy(&mut self) {
        let mut config = format!(
            "global\n  stats socket {} mode 600 level admin\ndefaults\n  mode http\n  timeout connect 2s\n  timeout client 30s\n  \
             timeout server 30s\n  timeout check 5s\n  retries {}\n  option redispatch 1\nfrontend front\n  bind 127.0.0.1:{}\n  default_backend shop\nbackend shop\n  \
             option httpchk GET /is_alive\n  default-server check inter 200ms fall 1 rise 1\n",
            self.socket().display(),
            self.retries,
            self.front
        );
        for (host, port) in HOSTS.iter().zip(&self.ports) {
            writeln!(config, "  server {host} 127.0.0.1:{port} weight 100").unwrap();
        }
        let file = self.bench.path("haproxy.cfg");
        fs::write(&file, config).unwrap();
        let child = Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("haproxy is installed by tests/run");
        self.proxy = Some(child);
        let begun = Clock::System.read().monotonic;
        while TcpStream::connect(("127.0.0.1", self.front)).is_err() {
            assert!(Clock::System.read().monotonic - begun < 10_000_000, "haproxy does not answer");
        }
    }

    pub fn end_proxy(&mut self) {
        if let Some(mut child) = self.proxy.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_file(self.socket());
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.end_proxy();
    }
}
