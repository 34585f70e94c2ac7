//! Workers and tokens for people.

use hearth_management::api::{JoinTokenView, WorkerView};

use crate::output;

/// The list, with the columns that somebody fills.
pub(super) fn list(workers: &[WorkerView]) -> String {
    if workers.is_empty() {
        return "No worker has joined.".to_owned();
    }
    let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    let rows: Vec<[String; 9]> = workers
        .iter()
        .map(|worker| {
            let labels = worker.labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
            [
                worker.name.clone(),
                worker.state.clone(),
                worker.capacity.to_string(),
                or_dash(labels.join(",")),
                or_dash(worker.available.clone().unwrap_or_default()),
                worker.version.clone(),
                worker.http_url.clone(),
                or_dash(worker.last_beat.clone()),
                or_dash(worker.apps.join(", ")),
            ]
        })
        .collect();
    let header = ["WORKER", "STATE", "CAPACITY", "LABELS", "AVAILABLE", "VERSION", "HTTP", "LAST BEAT", "APPS"];
    let mut text = output::table(header, &rows);
    for worker in workers {
        if let Some(reason) = &worker.reason {
            text.push_str(&format!("\n{} is {}: {reason}", worker.name, worker.state));
        }
    }
    text
}

/// A token with what to do with it.
pub(super) fn token(made: &JoinTokenView) -> String {
    let place = if made.same_machine {
        "\nHost state is a SQLite file, so the worker must run on the machine of management, with a --data of its own\n\
         and a free --http-listen. For workers on other machines keep host state in SQL Server."
    } else {
        ""
    };
    let plain = if made.management.starts_with("http://") && !is_loopback(&made.management) {
        "\nManagement is reached without TLS there: neither the token's secret nor the installation key can be read on the\n\
         way, but the worker's credential can. Put TLS in front of management and name it by --public-url."
    } else {
        ""
    };
    format!(
        "Run this on the machine that joins; it works once, until {}:\n\n    {}\n\n\
         The token is not shown again. Whoever has it gets the state URL and the installation key.{place}{plain}",
        made.expires, made.command
    )
}

fn is_loopback(url: &str) -> bool {
    let uri: Option<http::Uri> = url.parse().ok();
    uri.as_ref().and_then(http::Uri::host).is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker() -> WorkerView {
        WorkerView {
            name: "worker-1".into(),
            state: "live".into(),
            reason: None,
            version: "0.1.0".into(),
            http_url: "http://127.0.0.1:7071".into(),
            capacity: 100,
            labels: [("zone".to_owned(), "a".to_owned())].into(),
            pid: 42,
            epoch: 1,
            last_beat: "2026-03-01T10:00:00Z".into(),
            apps: vec!["hello".into(), "shop".into()],
            node: "machine-1".into(),
            available: None,
            running: None,
            memory_bytes: None,
        }
    }

    #[test]
    fn workers_are_listed_in_columns_with_reasons_below() {
        assert_eq!(
            list(&[worker()]),
            "WORKER    STATE  CAPACITY  LABELS  AVAILABLE  VERSION  HTTP                   LAST BEAT             APPS\n\
             worker-1  live   100       zone=a  -          0.1.0    http://127.0.0.1:7071  2026-03-01T10:00:00Z  hello, shop"
        );
        let night = WorkerView {
            state: "draining".into(),
            reason: Some("outside its availability window".into()),
            available: Some("22:00-06:00 UTC".into()),
            ..worker()
        };
        let text = list(&[night]);
        assert!(text.contains("22:00-06:00 UTC"), "{text}");
        assert!(text.ends_with("worker-1 is draining: outside its availability window"), "{text}");
        assert_eq!(list(&[]), "No worker has joined.");
    }

    #[test]
    fn a_token_says_what_to_paste_and_what_it_is_worth() {
        let made = |management: &str, same_machine| JoinTokenView {
            token: "hearth-join-x".into(),
            management: management.into(),
            expires: "2026-03-01T10:00:00Z".into(),
            command: "hearth worker --join hearth-join-x".into(),
            same_machine,
        };
        let text = token(&made("https://hearth.example.org", false));
        assert!(text.contains("    hearth worker --join hearth-join-x\n"));
        assert!(!text.contains("TLS") && !text.contains("SQLite"), "{text}");
        assert!(token(&made("http://10.0.0.1:7070", false)).contains("Put TLS in front"));
        let here = token(&made("http://127.0.0.1:7070", true));
        assert!(here.contains("SQLite file") && !here.contains("TLS"), "{here}");
    }
}
