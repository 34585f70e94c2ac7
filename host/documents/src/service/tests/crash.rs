//! A process that is killed loses nothing that it has acknowledged, and hands out no LSN twice.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use super::*;

/// Where the process that is to be killed finds the database.
const DIRECTORY: &str = "HEARTH_TEST_DOCUMENTS_KILLED_IN";
const WRITERS: u32 = 6;
const ACKNOWLEDGED: usize = 150;

/// Not a test by itself: what the killed process does. Without its directory it is nobody's.
#[test]
fn killed() {
    let (Ok(directory), Ok(round)) = (std::env::var(DIRECTORY), std::env::var("ROUND")) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_800_000_000_000_000)));
        let (service, _) = open(Path::new(&directory), &clock, ServiceOptions::default()).await;
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let (service, round) = (service.clone(), round.clone());
            writers.spawn(async move {
                for n in 0.. {
                    let (id, pair) = (format!("{round}-{writer}-{n}"), format!("{round}-{writer}-{n}-pair"));
                    let lsn = if n % 3 == 0 {
                        let create = |id: &str| {
                            format!(r#"{{"operationType":"Create","resourceBody":{{"id":"{id}","pk":"a"}}}}"#)
                        };
                        let operations = format!("[{},{}]", create(&id), create(&pair));
                        let operations = crate::protocol::read_batch(operations.as_bytes()).unwrap();
                        service.batch(&batch_request(), &operations).await.unwrap().ranges[0].1
                    } else {
                        let body = format!(r#"{{"id":"{id}","pk":"a"}}"#);
                        service.create_item(&request(""), &body).await.unwrap().lsn
                    };
                    let line = format!("\nacknowledged {id} {lsn}\n");
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            });
        }
        writers.join_all().await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_a_kill() {
    let f = Fixture::new(BY_PK).await;
    f.database.clone().close().await;
    let mut acknowledged = BTreeMap::new();
    let mut highest = 0;
    for round in 0..2 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["service::tests::crash::killed", "--exact", "--nocapture", "--test-threads=1"])
            .env(DIRECTORY, f.directory.path())
            .env("ROUND", round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut count = 0;
        for line in lines {
            let Some(rest) = line.strip_prefix("acknowledged ") else { continue };
            let Some((id, lsn)) = rest.split_once(' ') else { continue };
            acknowledged.insert(id.to_owned(), lsn.parse::<i64>().unwrap());
            count += 1;
            if count == ACKNOWLEDGED {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(count >= ACKNOWLEDGED, "round {round}: {count}");
        let service = f.another().await;
        let (mut seen, mut continuation) = (Vec::new(), None::<String>);
        loop {
            let (scope, next) = (Scope::default(), continuation.as_deref());
            let list = ListRequest { container: ITEMS, scope, continuation: next, max_items: Some(1000) };
            let page = service.list_items(&list).await.unwrap();
            seen.extend(page.items.into_iter().map(|item| (item.id, item.version.lsn())));
            continuation = page.continuation;
            if continuation.is_none() {
                break;
            }
        }
        let there: BTreeMap<_, _> = seen.iter().cloned().collect();
        assert_eq!(there.len(), seen.len(), "each once");
        for (id, lsn) in &acknowledged {
            assert_eq!(there.get(id), Some(lsn), "{id} was acknowledged");
        }
        for id in there.keys().filter_map(|id| id.strip_suffix("-pair")) {
            assert!(there.contains_key(id), "{id}: half of a batch");
        }
        let lsn = service.create_item(&request(""), &format!(r#"{{"id":"after{round}","pk":"a"}}"#)).await.unwrap().lsn;
        assert!(lsn > seen.iter().map(|(_, lsn)| *lsn).max().unwrap() && lsn > highest);
        highest = lsn;
    }
}
