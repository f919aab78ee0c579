//! https against nginx with certificates made by openssl: who is trusted, who is not, and what is said then.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use golive::domain::{
    effect::{Candidate, LaneStep, Outcome},
    name::Digest,
    plan::{Balancer, CheckKind, Plan},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{
    fixture::{Bench, check, done, failed, http, local, plan, until, with},
    web::{Web, free_port, reply},
};

/// What a certificate is made of, besides its authority.
struct Papers {
    /// `DNS:a.test` or `IP:127.0.0.1`.
    names: &'static str,
    from: &'static str,
    to: &'static str,
    /// Serve by the authority's own certificate.
    own: bool,
}

const GOOD: Papers = Papers {
    names: "IP:127.0.0.1,DNS:localhost",
    from: "20200101000000Z",
    to: "20991231000000Z",
    own: false,
};

/// An nginx that serves `files` over https.
struct Secure {
    dir: TempDir,
    port: u16,
    nginx: Child,
}

fn openssl(dir: &Path, arguments: &[&str]) {
    let out = Command::new("openssl").args(arguments).current_dir(dir).output().unwrap();
    assert!(out.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
}

impl Secure {
    /// With a certificate of an authority of its own, and these locations besides the files.
    async fn new(papers: &Papers, locations: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path();
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let authority = ["-x509", "-subj", "/CN=team authority", "-keyout", "ca.key", "-out", "ca.pem"];
        openssl(at, &[&["req"], &key[..], &authority[..]].concat());
        let wanted = ["-subj", "/CN=shop", "-keyout", "shop.key", "-out", "shop.csr"];
        openssl(at, &[&["req"], &key[..], &wanted[..]].concat());
        fs::write(at.join("index.txt"), "").unwrap();
        fs::write(at.join("serial"), "01\n").unwrap();
        let rules = format!(
            "[ca]\ndefault_ca = team\n[team]\ndir = .\ndatabase = index.txt\nserial = serial\nnew_certs_dir = .\n\
             default_md = sha256\npolicy = any\nx509_extensions = server\n[any]\ncommonName = supplied\n[server]\n\
             basicConstraints = CA:FALSE\nsubjectAltName = {}\n",
            papers.names
        );
        fs::write(at.join("ca.cnf"), rules).unwrap();
        let sign = ["ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"];
        let term = ["-startdate", papers.from, "-enddate", papers.to, "-in", "shop.csr", "-out", "shop.pem"];
        openssl(at, &[&sign[..], &term[..]].concat());

        let port = free_port().await;
        let papers = if papers.own { "ca" } else { "shop" };
        fs::create_dir(at.join("files")).unwrap();
        fs::write(at.join("files/health"), "well\n").unwrap();
        let conf = format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n\
             access_log access.log;\nclient_body_temp_path tmp1;\nproxy_temp_path tmp2;\nfastcgi_temp_path tmp3;\n\
             uwsgi_temp_path tmp4;\nscgi_temp_path tmp5;\nserver {{\nlisten 127.0.0.1:{port} ssl;\n\
             ssl_certificate {papers}.pem;\nssl_certificate_key {papers}.key;\nroot files;\n{locations}\n}}\n}}\n"
        );
        fs::write(at.join("nginx.conf"), conf).unwrap();
        let nginx = Command::new("nginx")
            .arg("-p")
            .arg(at)
            .args(["-c", "nginx.conf", "-e", "error.log"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let secure = Self { dir, port, nginx };
        until("nginx listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
        secure
    }

    fn ca(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    fn access_log(&self) -> String {
        fs::read_to_string(self.dir.path().join("access.log")).unwrap()
    }

    /// A bench whose one check asks for the health over https, and whose artifact lies there.
    fn bench(&self, ca: Option<&Path>) -> Bench {
        let asked = http("https://{host}:{port}/health");
        let source = format!("https://127.0.0.1:{}/shop-{{version}}", self.port);
        let bare = plan(local(&["{dir}/current/shop-2.5.0"]), Balancer::None, &source, &[self.port]);
        let ca = ca.map(|path| path.to_string_lossy().into_owned());
        Bench::new(|_| with(Plan { ca, ..bare }, check("probe", CheckKind::Http(asked))))
    }

    fn trusted(&self) -> Bench {
        self.bench(Some(&self.ca()))
    }

    /// Puts an artifact there.
    fn publish(&self, text: &str) -> Candidate {
        fs::write(self.dir.path().join("files/shop-2.5.0"), text).unwrap();
        Candidate::new("2.5.0".parse().unwrap(), Digest::of(text.as_bytes()))
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.nginx.kill();
        let _ = self.nginx.wait();
    }
}

#[tokio::test]
async fn a_server_whose_authority_the_plan_names_is_asked_over_https() {
    let shop = Secure::new(&GOOD, "").await;
    let (note, _) = done(shop.trusted().check("probe").await);
    assert!(note.starts_with("200 in "), "{note}");
}

#[tokio::test]
async fn an_issuer_that_nobody_named_is_not_trusted_and_the_setting_is_named() {
    let shop = Secure::new(&GOOD, "").await;
    assert_eq!(
        failed(shop.bench(None).check("probe").await).0,
        "not trusted: its certificate was issued by nobody trusted here: \
         name the issuer's certificate (a PEM file) as ca in [project]"
    );
    assert!(shop.access_log().is_empty(), "nothing was asked of a server that is not trusted");
}

#[tokio::test]
async fn a_certificate_for_another_host_or_past_its_end_or_before_its_time_is_refused() {
    let refusal = async |papers| {
        let shop = Secure::new(&papers, "").await;
        failed(shop.trusted().check("probe").await).0
    };
    assert_eq!(
        refusal(Papers { names: "DNS:shop.test", ..GOOD }).await,
        "not trusted: its certificate is for shop.test, not 127.0.0.1: \
         ask by such a name, or issue one that names 127.0.0.1"
    );
    assert_eq!(
        refusal(Papers { to: "20210203040000Z", ..GOOD }).await,
        "not trusted: its certificate ran out on 2021-02-03 04:00 UTC: renew it"
    );
    assert_eq!(
        refusal(Papers { from: "20980101000000Z", ..GOOD }).await,
        "not trusted: its certificate is valid from 2098-01-01 00:00 UTC on: is this machine's clock right?"
    );
}

/// The way of `openssl req -x509` alone: one certificate that is its own authority.
#[tokio::test]
async fn an_authority_that_serves_by_its_own_certificate_is_named_as_what_is_wrong() {
    let shop = Secure::new(&Papers { own: true, ..GOOD }, "").await;
    assert_eq!(
        failed(shop.trusted().check("probe").await).0,
        "not trusted: its certificate is an authority's, not a server's: issue one with basicConstraints CA:FALSE"
    );
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_not_taken_for_one_that_is_not_trusted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    });
    let asked = check("probe", CheckKind::Http(http("https://{host}:{port}/health")));
    let mut bench = Bench::new(|_| with(plan(local(&["true"]), Balancer::None, "dist", &[port]), asked));
    assert_eq!(failed(bench.check("probe").await).0, "no TLS is spoken there: is it http://?");
    server.await.unwrap();
}

#[tokio::test]
async fn a_file_of_authorities_that_is_gone_or_empty_leaves_checks_unasked() {
    let shop = Secure::new(&GOOD, "").await;
    let unasked = async |ca: PathBuf| match shop.bench(Some(&ca)).check("probe").await {
        Outcome::Inconclusive { why } => why,
        other => panic!("a check that can't be asked has no verdict: {other:?}"),
    };
    let why = unasked("/nowhere/ca.pem".into()).await;
    assert!(why.contains("project.ca: /nowhere/ca.pem can't be read"), "{why}");
    let why = unasked(shop.dir.path().join("shop.key")).await;
    assert!(why.contains("holds no certificate: it must be PEM"), "{why}");
}

/// Fetching comes first in a lane: the host serves on while what came over https is held against the digest.
#[tokio::test]
async fn an_artifact_over_https_is_verified_before_anything_is_drained() {
    let shop = Secure::new(&GOOD, "").await;
    let want = shop.publish("#!/bin/sh\nexec sleep 60\n");
    let mut bench = shop.trusted();
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install], &want).await;

    shop.publish("#!/bin/sh\nexec something else\n");
    let mut bench = shop.trusted();
    let (why, _) = failed(bench.step("web-01", LaneStep::Fetch, &want).await);
    assert!(why.contains("not the adopted") && why.ends_with("nothing was changed"), "{why}");
    assert!(!bench.path("run/web-01/current").exists());

    let (why, _) = failed(shop.bench(None).step("web-01", LaneStep::Fetch, &want).await);
    assert!(why.contains("issued by nobody trusted here"), "{why}");
}

#[tokio::test]
async fn a_redirect_is_followed_for_an_artifact_but_never_from_https_to_http() {
    let web = Web::new(reply("200 OK", "anything")).await;
    let shop = Secure::new(
        &GOOD,
        &format!(
            "location = /moved/shop-2.5.0 {{ return 302 /shop-2.5.0; }}\n\
             location = /down/shop-2.5.0 {{ return 302 http://127.0.0.1:{}/shop-2.5.0; }}\n\
             location = /round/shop-2.5.0 {{ return 302 /round/shop-2.5.0; }}",
            web.port
        ),
    )
    .await;
    let want = shop.publish("#!/bin/sh\n");
    let by = |path: &str| {
        let source = format!("https://127.0.0.1:{}/{path}/shop-{{version}}", shop.port);
        let ca = Some(shop.ca().to_string_lossy().into_owned());
        let bare = plan(local(&["true"]), Balancer::None, &source, &[shop.port]);
        Bench::new(|_| Plan { ca, ..bare })
    };
    by("moved").steps("web-01", &[LaneStep::Fetch], &want).await;
    let (why, _) = failed(by("down").step("web-01", LaneStep::Fetch, &want).await);
    assert!(why.contains("it redirects from https to http"), "{why}");
    assert!(web.requests().is_empty());
    let (why, _) = failed(by("round").step("web-01", LaneStep::Fetch, &want).await);
    assert!(why.contains("it redirects more than 5 times"), "{why}");
    let (why, _) = failed(by("nothing-here").step("web-01", LaneStep::Fetch, &want).await);
    assert!(why.ends_with("answered 404: publish this version there, or correct artifact.source"), "{why}");
}

#[tokio::test]
async fn an_artifact_that_is_announced_as_huge_is_refused_before_it_is_loaded() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n").await.unwrap();
        // Held open: nothing more comes, and the client must not wait for it.
        stream.read(&mut request).await.map_or(0, |count| count)
    });
    let source = format!("http://127.0.0.1:{port}/shop-{{version}}");
    let mut bench = Bench::new(|_| plan(local(&["true"]), Balancer::None, &source, &[port]));
    let want = Candidate::new("2.5.0".parse().unwrap(), Digest::of(b"x"));
    let (why, _) = failed(bench.step("web-01", LaneStep::Fetch, &want).await);
    assert_eq!(why, "the artifact is larger than 8 GiB: it was refused");
    assert_eq!(server.await.unwrap(), 0, "the connection was let go");
}
