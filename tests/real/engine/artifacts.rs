//! Artifacts of every kind, and hostile ones.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use flate2::{Compression, write::GzEncoder};
use golive::{
    clock::Clock,
    domain::{
        effect::{Candidate, LaneStep},
        name::Digest,
        plan::Balancer,
    },
    engine::{EngineDirs, artifact},
};
use tar::EntryType as Type;

use super::{
    fixture::{Bench, done, failed, local, plan},
    web::{Web, reply},
};

/// Name, type, link target or content.
type Entry<'a> = (&'a str, Type, &'a str);

/// A tar.gz of these entries. Names are written as they are, however bad.
fn archive(at: &Path, entries: &[Entry<'_>]) -> Digest {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, kind, text) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o4755);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        let content = if kind.is_file() { *text } else { "" };
        if !kind.is_file() {
            header.as_old_mut().linkname[..text.len()].copy_from_slice(text.as_bytes());
        }
        header.set_size(content.len() as u64);
        header.set_cksum();
        tar.append(&header, content.as_bytes()).unwrap();
    }
    let bytes = tar.into_inner().unwrap().finish().unwrap();
    fs::write(at, &bytes).unwrap();
    Digest::of(&bytes)
}

fn bench(source: &str) -> Bench {
    Bench::new(|_| plan(local(&["{dir}/current/run"]), Balancer::None, source, &[8081]))
}

fn candidate(digest: Digest) -> Candidate {
    Candidate::new("2.5.0".parse().unwrap(), digest)
}

fn below(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut names: Vec<_> = entries.flatten().map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn an_archive_is_unpacked_with_plain_modes_and_inner_links() {
    let mut bench = bench("dist/shop-{version}.tgz");
    let digest = archive(
        &bench.path("dist/shop-2.5.0.tgz"),
        &[
            ("bin/", Type::Directory, ""),
            ("bin/shop", Type::Regular, "#!/bin/sh\n"),
            ("lib/a.so", Type::Symlink, "../bin/shop"),
            ("bin/again", Type::Link, "bin/shop"),
        ],
    );
    let want = candidate(digest);
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install], &want).await;
    let current = bench.path("run/web-01/current");
    let mode = fs::metadata(current.join("bin/shop")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o755, "no set-user-id bit survives");
    assert_eq!(fs::read_to_string(current.join("lib/a.so")).unwrap(), "#!/bin/sh\n");
    assert_eq!(fs::read_to_string(current.join("bin/again")).unwrap(), "#!/bin/sh\n");
}

#[tokio::test]
async fn a_directory_at_the_top_that_is_named_like_the_archive_is_taken_off() {
    let mut bench = bench("dist/shop-{version}.tar.gz");
    let at = bench.path("dist/shop-2.5.0.tar.gz");
    let entries =
        [("shop-2.5.0/bin/shop", Type::Regular, "x"), ("shop-2.5.0/shop", Type::Symlink, "bin/shop")];
    let want = candidate(archive(&at, &entries));
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install], &want).await;
    assert_eq!(below(&bench.path("run/web-01/current")), ["bin", "shop"]);

    // Any other directory stays, and a link that was inside only with it is refused.
    let want = candidate(archive(&at, &[("bin/shop", Type::Regular, "x")]));
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install], &want).await;
    assert_eq!(below(&bench.path("run/web-01/current")), ["bin"]);
    let want = candidate(archive(&at, &[("shop-2.5.0/up", Type::Symlink, "../shop-2.5.0")]));
    let (why, _) = failed(bench.step("web-01", LaneStep::Fetch, &want).await);
    assert!(why.contains("is a link out of its directory"), "{why}");
}

#[tokio::test]
async fn an_archive_that_leads_out_of_its_directory_is_refused_and_leaves_nothing() {
    let bad: [(&str, &[Entry<'_>]); 8] = [
        ("leads out of its directory", &[("../../evil", Type::Regular, "x")]),
        ("is an absolute path", &[("/tmp/golive-evil", Type::Regular, "x")]),
        ("is a link out of its directory", &[("up", Type::Symlink, "../../..")]),
        ("is a link to an absolute path", &[("etc", Type::Symlink, "/etc")]),
        ("is a link that goes up after a name", &[("a", Type::Symlink, "b/../../..")]),
        ("is a link to a file that the archive does not hold", &[("h", Type::Link, "etc/passwd")]),
        ("is neither file, directory nor link", &[("pipe", Type::Fifo, "")]),
        ("is there twice", &[("a", Type::Regular, "x"), ("./a", Type::Regular, "y")]),
    ];
    for (why, entries) in bad {
        let mut bench = bench("dist/shop.tar.gz");
        let want = candidate(archive(&bench.path("dist/shop.tar.gz"), entries));
        let (said, _) = failed(bench.step("web-01", LaneStep::Fetch, &want).await);
        assert!(said.contains(why), "{said}");
        assert_eq!(below(&bench.path("run/web-01/releases")), Vec::<String>::new());
        assert_eq!(below(&bench.path("run")), ["web-01"]);
    }
}

#[tokio::test]
async fn a_file_behind_a_link_is_not_written_through_it() {
    let mut bench = bench("dist/shop.tar.gz");
    let entries = [("d", Type::Symlink, "e"), ("e/", Type::Directory, ""), ("d/f", Type::Regular, "x")];
    let want = candidate(archive(&bench.path("dist/shop.tar.gz"), &entries));
    failed(bench.step("web-01", LaneStep::Fetch, &want).await);
    assert_eq!(below(&bench.path("run/web-01/releases")), Vec::<String>::new());
}

#[tokio::test]
async fn another_digest_than_the_adopted_changes_nothing() {
    let mut bench = bench("dist/{version}");
    let good = bench.release("2.5.0", "exec sleep 1000");
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install, LaneStep::Start], &good).await;
    let pid = bench.pid("web-01");
    let before = below(&bench.path("run/web-01/releases"));
    bench.release("2.5.0", "echo tampered");
    let other = Candidate::new(good.version.clone(), Digest::of(b"another"));
    let (why, _) = failed(bench.step("web-01", LaneStep::Fetch, &other).await);
    assert!(why.contains(&format!("not the adopted {}", other.digest.short())), "{why}");
    assert_eq!(below(&bench.path("run/web-01/releases")), before);
    let (why, _) = failed(bench.step("web-01", LaneStep::Install, &other).await);
    assert!(why.contains("is not kept here"), "{why}");
    let current = fs::read_link(bench.path("run/web-01/current")).unwrap();
    assert!(current.to_str().unwrap().ends_with(good.digest.short()));
    assert!(super::fixture::runs(pid));
}

#[tokio::test]
async fn a_missing_artifact_is_named() {
    let mut bench = bench("dist/shop-{version}.tgz");
    let (why, _) = failed(bench.step("web-01", LaneStep::Fetch, &candidate(Digest::of(b""))).await);
    assert!(why.contains("there is no artifact at") && why.contains("dist/shop-2.5.0.tgz"), "{why}");
}

#[tokio::test]
async fn a_release_changed_on_the_host_is_fetched_again() {
    let mut bench = bench("dist/{version}");
    let want = bench.release("2.5.0", "exec sleep 1000");
    bench.steps("web-01", &[LaneStep::Fetch], &want).await;
    let file = bench.path(&format!("run/web-01/releases/2.5.0-{}/run", want.digest.short()));
    fs::write(&file, "tampered").unwrap();
    let (why, _) = failed(bench.step("web-01", LaneStep::Install, &want).await);
    assert!(why.contains("was changed: fetch it first"), "{why}");
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install], &want).await;
    assert!(fs::read_to_string(&file).unwrap().contains("exec sleep"));
}

#[tokio::test]
async fn a_single_binary_from_a_url_is_downloaded_once_and_held_to_its_sum() {
    let body = "#!/bin/sh\nexec sleep 1000\n";
    let web = Web::new(reply("200 OK", body)).await;
    let digest = Digest::of(body.as_bytes());
    // The same answer stands at the .sha256 as well, and is no sum.
    let source = format!("http://127.0.0.1:{}/shop", web.port);
    let mut bench =
        Bench::new(|_| plan(local(&["{dir}/current/shop"]), Balancer::None, &source, &[8081, 8082]));
    let want = candidate(digest.clone());
    let (why, _) = failed(bench.step("web-01", LaneStep::Fetch, &want).await);
    assert!(why.ends_with(".sha256 holds no sha256"), "{why}");

    fs::create_dir_all(bench.path("state/artifacts")).unwrap();
    fs::write(bench.path("state/artifacts").join(digest.as_str()), body).unwrap();
    let asked = web.requests().len();
    for host in ["web-01", "web-02"] {
        bench.steps(host, &[LaneStep::Fetch, LaneStep::Install, LaneStep::Start], &want).await;
        bench.steps(host, &[LaneStep::Stop], &want).await;
    }
    assert_eq!(web.requests().len(), asked, "what was downloaded serves all hosts");
}

/// A release may have more parts than are kept of old ones, and each may be read by a command just now; what a killed
/// process left half downloaded goes.
#[tokio::test]
async fn what_was_given_out_lately_is_kept_and_half_a_download_is_not() {
    let web = Web::new(reply("200 OK", "")).await;
    web.has_no(".sha256");
    let source = format!("http://127.0.0.1:{}/shop-{{version}}", web.port);
    let mut bench = Bench::new(|_| plan(local(&["{dir}/current/shop"]), Balancer::None, &source, &[8081]));
    let kept = bench.path("state/artifacts");
    fs::create_dir_all(&kept).unwrap();
    let old = fs::File::create(kept.join(".download-old")).unwrap();
    old.set_modified(std::time::UNIX_EPOCH).unwrap();
    fs::write(kept.join(".download-new"), "").unwrap();
    let parts: Vec<Digest> =
        (0..6).map(|part| Digest::of(format!("#!/bin/sh\nexec sleep 100{part}\n").as_bytes())).collect();
    for (part, digest) in parts.iter().enumerate() {
        web.answer(reply("200 OK", &format!("#!/bin/sh\nexec sleep 100{part}\n")));
        bench.steps("web-01", &[LaneStep::Fetch], &candidate(digest.clone())).await;
    }
    for digest in &parts {
        assert!(kept.join(digest.as_str()).is_file(), "{digest} of {:?}", below(&kept));
    }
    assert!(!kept.join(".download-old").exists() && kept.join(".download-new").exists());
}

#[tokio::test]
async fn the_digest_at_open_is_the_one_that_a_fetch_verifies() {
    let mut bench = bench("dist/{version}");
    let want = bench.release("2.5.0", "exec sleep 1000");
    std::os::unix::fs::symlink("run", bench.path("dist/2.5.0/start")).unwrap();
    let dirs = EngineDirs::new(bench.dir.path().into(), bench.path("state"));
    let digest = artifact::digest("dist/2.5.0", None, &dirs, &Clock::System).await.unwrap();
    assert_ne!(digest, want.digest, "the link counts");
    let (note, facts) = done(bench.step("web-01", LaneStep::Fetch, &candidate(digest.clone())).await);
    assert_eq!(note, format!("{} verified", digest.short()));
    assert_eq!(facts["files"], "2");

    let file = bench.path("dist/plain");
    fs::write(&file, "content").unwrap();
    let digest = artifact::digest("dist/plain", None, &dirs, &Clock::System).await.unwrap();
    assert_eq!(digest, Digest::of(b"content"), "what sha256sum prints");
    fs::write(bench.path("dist/plain.sha256"), format!("{}  plain\n", Digest::of(b"other"))).unwrap();
    let error = artifact::digest("dist/plain", None, &dirs, &Clock::System).await.unwrap_err().to_string();
    assert!(error.contains("plain.sha256 says"), "{error}");
}
