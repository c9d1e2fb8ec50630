//! Copies made beside a busy server, and what is put back from them. Of the embedded engine alone.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Client, Shop, TestServer, program};

fn order(server: &TestServer, id: &str) -> Value {
    json!({
        "orderId": id, "storeId": server.setup.store_id, "organizationId": server.setup.organization_id,
        "visitorId": format!("visitor-of-{id}"), "sessionId": format!("session-of-{id}"),
        "totalCents": 5_000, "currency": "EUR", "platform": "custom", "status": "completed",
        "orderCreatedAt": "2026-11-01T10:00:00Z",
        "items": [{"productId": "p-1", "quantity": 1, "priceCents": 5_000, "totalCents": 5_000}]
    })
}

fn on(data: &Path, arguments: &[&str]) -> Output {
    program().args(arguments).arg("--data-dir").arg(data).output().expect("the program starts")
}

fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Everything in a database file, as sorted lines.
fn dump(database: &Path) -> String {
    let address = format!("sqlite:{}", database.display());
    done(&program().args(["dump", "--canonical", "--database", &address]).output().unwrap())
}

/// Names in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A small history, stopped, and a backup of it in a folder of its own.
struct World {
    server: TestServer,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let server = Shop::open().server;
        let folder = tempfile::tempdir().unwrap();
        let world = Self { server, folder };
        done(&world.server.run(&["backup", world.file()]));
        assert_eq!(world.server.stop(), Some(0));
        world
    }

    fn file(&self) -> &str {
        Box::leak(self.path().into_boxed_path()).to_str().unwrap()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("copy.db")
    }

    fn database(&self) -> PathBuf {
        self.server.data().join("selektable.db")
    }
}

// ---- making one -------------------------------------------------------------------------------------------------

#[test]
fn a_backup_made_while_orders_arrive_holds_every_order_acknowledged_before_it_began() {
    let server = TestServer::start();
    let batch: Vec<Value> = (0..1_000).map(|number| order(&server, &format!("early-{number}"))).collect();
    assert_eq!(Client::connect(&server).post("/api/webhooks/orders/batch", &json!(batch)).status, 200);
    let folder = tempfile::tempdir().unwrap();
    let (over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let acknowledged = Mutex::new(BTreeSet::new());
    let copies = std::thread::scope(|scope| {
        for thread in 0..16 {
            let (server, over, count, acknowledged) = (&server, &over, &count, &acknowledged);
            scope.spawn(move || {
                let mut client = Client::connect(server);
                for number in 0.. {
                    let id = format!("t{thread}-n{number}");
                    let answer = client.post("/api/webhooks/orders", &order(server, &id));
                    assert_eq!(answer.status, 200, "a backup disturbs nobody: {}", answer.json);
                    acknowledged.lock().unwrap().insert(id);
                    count.fetch_add(1, Ordering::SeqCst);
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                }
            });
        }
        let copies: Vec<_> = (1..=3)
            .map(|copy| {
                while count.load(Ordering::SeqCst) < copy * 100 {
                    std::thread::yield_now();
                }
                let before = acknowledged.lock().unwrap().clone();
                let file = folder.path().join(format!("copy-{copy}.db"));
                (before, done(&server.run(&["backup", file.to_str().unwrap()])), file)
            })
            .collect();
        over.store(true, Ordering::SeqCst);
        copies
    });
    for (before, said, file) in copies {
        let inside = dump(&file);
        let lost = before.iter().find(|id| !inside.contains(&format!("\"orderId\":\"{id}\"")));
        assert_eq!(lost, None, "of {}", before.len());
        let size = std::fs::metadata(&file).unwrap();
        assert!(said.contains(&format!("size     {} bytes", size.len())), "{said}");
        assert_eq!(size.permissions().mode() & 0o777, 0o600);
        let address = format!("sqlite:{}", file.display());
        for command in [["verify"].as_slice(), &["recompute", "--check"]] {
            done(&program().args(command).args(["--database", &address]).output().unwrap());
        }
    }
    let expected = BTreeSet::from([1, 2, 3].map(|copy| format!("copy-{copy}.db")));
    assert_eq!(names(folder.path()), expected, "each is one file, with nothing beside it");
}

#[test]
fn an_existing_file_is_left_as_it_is() {
    let world = World::new();
    let file = world.folder.path().join("taken.db");
    std::fs::write(&file, "mine").unwrap();
    let told = refused(&world.server.run(&["backup", file.to_str().unwrap()]));
    assert!(told.contains("exists already"), "{told}");
    let dangling = world.folder.path().join("link.db");
    std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
    refused(&world.server.run(&["backup", dangling.to_str().unwrap()]));
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    assert_eq!(names(world.folder.path()).len(), 3, "nothing else is left there");
}

#[test]
fn nothing_to_back_up_and_nowhere_to_put_it_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    let told = refused(&on(folder.path(), &["backup", file.to_str().unwrap()]));
    assert!(told.contains("there is no database at"), "{told}");
    assert!(names(folder.path()).is_empty(), "none is made");
    let world = World::new();
    let told = refused(&world.server.run(&["backup", folder.path().join("no/folder.db").to_str().unwrap()]));
    assert!(told.contains("No such file or directory"), "{told}");
}

#[test]
fn a_damaged_database_gives_no_backup() {
    let world = World::new();
    damage(&world.database(), middle(&world.database()), PAGE);
    let file = world.folder.path().join("another.db");
    let told = refused(&world.server.run(&["backup", file.to_str().unwrap()]));
    assert!(told.contains("damaged"), "{told}");
    assert_eq!(names(world.folder.path()), BTreeSet::from(["copy.db".to_owned()]));
}

#[test]
fn a_backup_that_does_not_fit_leaves_nothing_behind() {
    let world = World::new();
    let file = world.folder.path().join("another.db");
    let script = "ulimit -f 64; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args([
            "-c",
            script,
            env!("CARGO_BIN_EXE_selektable"),
            "backup",
            file.to_str().unwrap(),
            "--data-dir",
        ])
        .arg(world.server.data())
        .output()
        .unwrap();
    refused(&output);
    assert_eq!(names(world.folder.path()), BTreeSet::from(["copy.db".to_owned()]));
}

// ---- putting one back -------------------------------------------------------------------------------------------

#[test]
fn what_is_restored_is_what_was_backed_up_and_serves_on() {
    let mut world = World::new();
    let before = dump(&world.database());
    let fresh = tempfile::tempdir().unwrap();
    let data = fresh.path().join("data");
    let said = done(&on(&data, &["restore", world.file()]));
    assert!(said.contains("selektable serve"), "{said}");
    assert_eq!(dump(&data.join("selektable.db")), before);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("selektable.db"))), (0o700, 0o600));

    // And in the place of a database that went on.
    world.server.serve_again();
    assert_eq!(
        Client::connect(&world.server).post("/api/webhooks/orders", &order(&world.server, "late")).status,
        200
    );
    assert_eq!(world.server.stop(), Some(0));
    let late = dump(&world.database());
    assert_ne!(late, before);
    done(&world.server.run(&["restore", world.file(), "--replace"]));
    assert_eq!(dump(&world.database()), before);
    assert_eq!(dump(&world.server.data().join("selektable.db.replaced-1")), late, "the old one is kept");
    world.server.serve_again();
    let mut client = Client::connect(&world.server);
    assert_eq!(client.post("/api/webhooks/orders", &order(&world.server, "late")).json["result"], "created");
}

#[test]
fn a_database_is_not_overwritten_unless_that_is_said() {
    let world = World::new();
    let before = std::fs::read(world.database()).unwrap();
    let told = refused(&world.server.run(&["restore", world.file()]));
    assert!(told.contains("--replace"), "{told}");
    assert_eq!(std::fs::read(world.database()).unwrap(), before);
}

#[test]
fn a_served_database_and_one_that_is_being_read_are_not_replaced() {
    let mut world = World::new();
    let before = dump(&world.database());
    world.server.serve_again();
    let told = refused(&world.server.run(&["restore", world.file(), "--replace"]));
    assert!(told.contains("another selektable process"), "{told}");
    // More than a pipe holds, so that the dump stays in the middle of its reading.
    let batch: Vec<Value> = (0..500).map(|number| order(&world.server, &format!("more-{number}"))).collect();
    let answer = Client::connect(&world.server).post("/api/webhooks/orders/batch", &json!(batch));
    assert_eq!(answer.status, 200);
    world.server.stop();
    let mut reading = program()
        .args(["dump", "--canonical", "--data-dir"])
        .arg(world.server.data())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0_u8; 1];
    std::io::Read::read_exact(reading.stdout.as_mut().unwrap(), &mut first).unwrap();
    let told = refused(&world.server.run(&["restore", world.file(), "--replace"]));
    reading.kill().unwrap();
    reading.wait().unwrap();
    assert!(told.contains("another process has"), "{told}");
    assert!(dump(&world.database()).len() > before.len(), "it is the one that was there");
    assert!(
        names(world.server.data()).iter().all(|name| !name.contains("part") && !name.contains("replaced"))
    );
    done(&world.server.run(&["restore", world.file(), "--replace"]));
    assert_eq!(dump(&world.database()), before);
}

/// Bytes of a page.
const PAGE: usize = 4_096;

/// Where the page in the middle of a file begins.
fn middle(file: &Path) -> usize {
    let bytes = usize::try_from(std::fs::metadata(file).unwrap().len()).unwrap();
    bytes / PAGE / 2 * PAGE
}

/// Writes nonsense over some bytes of a file.
fn damage(file: &Path, at: usize, bytes: usize) {
    let mut content = std::fs::read(file).unwrap();
    content[at..at + bytes].iter_mut().for_each(|byte| *byte ^= 0x5a);
    std::fs::write(file, content).unwrap();
}

#[test]
fn a_backup_that_is_not_whole_is_refused_before_anything_is_touched() {
    let world = World::new();
    let whole = std::fs::read(world.path()).unwrap();
    let before = std::fs::read(world.database()).unwrap();
    let bad = world.folder.path().join("bad.db");
    let spoil: [(&str, &dyn Fn()); 7] = [
        ("its head", &|| damage(&bad, 0, 16)),
        ("its schema", &|| damage(&bad, 100, 64)),
        ("a page in the middle", &|| damage(&bad, middle(&bad), PAGE)),
        ("its last page", &|| damage(&bad, whole.len() - PAGE, PAGE)),
        ("its end is missing", &|| std::fs::write(&bad, &whole[..whole.len() / 2]).unwrap()),
        ("it is empty", &|| std::fs::write(&bad, b"").unwrap()),
        ("one letter of a fact", &|| {
            let found = whole.windows(4).position(|four| four == b"sofa").unwrap();
            let mut content = whole.clone();
            content[found] = b't';
            std::fs::write(&bad, content).unwrap();
        }),
    ];
    for (what, spoil) in spoil {
        std::fs::write(&bad, &whole).unwrap();
        spoil();
        let output = world.server.run(&["restore", bad.to_str().unwrap(), "--replace"]);
        assert!(!output.status.success(), "{what}");
        let told = refused(&output);
        assert!(told.contains("bad.db"), "{what}: {told}");
        assert_eq!(std::fs::read(world.database()).unwrap(), before, "{what}");
        let left = names(world.server.data());
        assert!(
            left.iter().all(|name| !name.contains("part") && !name.contains("replaced")),
            "{what}: {left:?}"
        );
    }
    std::fs::write(&bad, &whole).unwrap();
    std::fs::write(world.folder.path().join("bad.db-wal"), "a log").unwrap();
    let told = refused(&world.server.run(&["restore", bad.to_str().unwrap(), "--replace"]));
    assert!(told.contains("no finished backup"), "{told}");
    let told = refused(&world.server.run(&["restore", "/does/not/exist", "--replace"]));
    assert!(told.contains("there is no backup at"), "{told}");
}

#[test]
fn a_database_that_can_not_be_opened_is_replaced_and_kept_with_its_log() {
    let mut world = World::new();
    let before = dump(&world.database());
    world.server.serve_again();
    let answer =
        Client::connect(&world.server).post("/api/webhooks/orders", &order(&world.server, "in-the-log"));
    assert_eq!(answer.status, 200);
    world.server.kill();
    let log = std::fs::read(world.server.data().join("selektable.db-wal")).unwrap();
    assert!(!log.is_empty());
    damage(&world.database(), 0, 100);
    // SQLite reads the first page from the log where it is newer: damage that, too.
    let mut spoilt = log.clone();
    spoilt[0] ^= 0xff;
    std::fs::write(world.server.data().join("selektable.db-wal"), &spoilt).unwrap();
    done(&world.server.run(&["restore", world.file(), "--replace"]));
    assert_eq!(dump(&world.database()), before, "nothing of the old log came into the new database");
    let kept = std::fs::read(world.server.data().join("selektable.db.replaced-1-wal")).unwrap();
    assert_eq!(kept, spoilt);
    world.server.serve_again();
    assert_eq!(Client::connect(&world.server).get("/readyz").status, 200);
}

#[test]
fn a_restoration_that_is_killed_leaves_the_old_database_or_the_new_one() {
    let mut world = World::new();
    let backed_up = dump(&world.database());
    world.server.serve_again();
    let answer = Client::connect(&world.server).post("/api/webhooks/orders", &order(&world.server, "late"));
    assert_eq!(answer.status, 200);
    world.server.kill();
    let database = world.database();
    let began = Instant::now();
    let late = dump(&database);
    let most = began.elapsed() * 3;
    let original = tempfile::tempdir().unwrap();
    let both = ["selektable.db", "selektable.db-wal"];
    for name in both {
        std::fs::copy(world.server.data().join(name), original.path().join(name)).unwrap();
    }
    let mut ends = BTreeSet::new();
    for round in 0..30_u32 {
        let data = tempfile::tempdir().unwrap();
        for name in both {
            std::fs::copy(original.path().join(name), data.path().join(name)).unwrap();
        }
        let mut restoring = program()
            .args(["restore", world.file(), "--replace", "--data-dir"])
            .arg(data.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pause = most * round / 30;
        std::thread::sleep(Duration::from_millis(1).max(pause));
        restoring.kill().unwrap();
        restoring.wait().unwrap();
        let left = dump(&data.path().join("selektable.db"));
        assert!(left == late || left == backed_up, "round {round}: neither the old nor the new one");
        ends.insert(left == late);
        done(&on(data.path(), &["restore", world.file(), "--replace"]));
        assert_eq!(dump(&data.path().join("selektable.db")), backed_up, "and it can be done again");
    }
    assert!(ends.contains(&true), "some were killed before the end");
}
