//! Whoever is no worker of the installation hands no call to one, on no listener.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hearth_tests::{Cluster, LONG, eventually, pause, raw_request};
use http::Method;

use crate::{having, three};

/// Where the private listener of a worker is: the one that nobody is told.
fn private(cluster: &Cluster, name: &str) -> SocketAddr {
    let worker = cluster.named(name);
    let service = |url: &str| url.trim_start_matches("http://").parse().unwrap();
    let public = [worker.http(), service(worker.queues()), service(worker.documents())];
    listeners(worker.pid()).into_iter().find(|address| !public.contains(address)).unwrap()
}

/// The loopback addresses at which a process listens.
fn listeners(pid: u32) -> Vec<SocketAddr> {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .filter_map(|entry| Some(std::fs::read_link(entry.ok()?.path()).ok()?.to_str()?.to_owned()))
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let table = std::fs::read_to_string(format!("/proc/{pid}/net/tcp")).unwrap();
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row[3] == "0A" && sockets.iter().any(|inode| inode == row[9]))
        .map(|row| {
            let (_, port) = row[1].split_once(':').unwrap();
            SocketAddr::from(([127, 0, 0, 1], u16::from_str_radix(port, 16).unwrap()))
        })
        .collect()
}

fn status(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn forged_calls_are_refused() {
    let cluster = three();
    let name = cluster.running_on("plain")[0].clone();
    let private = private(&cluster, &name);
    let ask = |text: &str| raw_request(private, text.as_bytes());
    // Without a greeting there are no calls, whatever a header says.
    let bare =
        ask("GET /api/hello HTTP/1.1\r\nhost: plain.localhost\r\nx-hearth-hop: 00.00\r\nconnection: close\r\n\r\n");
    assert!(status(&bare).contains(" 404 "), "{}", status(&bare));
    let greeting = "GET /internal/v1/hop HTTP/1.1\r\nhost: w\r\nx-hearth-hop: 000102030405060708090a0b0c0d0e0f\r\n\r\n";
    for forged in ["", "x-hearth-hop: made-up\r\n", "x-hearth-hop: 7b7d.00ff\r\n"] {
        let text =
            format!("{greeting}GET /api/hello HTTP/1.1\r\nhost: plain.localhost\r\n{forged}connection: close\r\n\r\n");
        let answer = String::from_utf8_lossy(&ask(&text)).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("HTTP/1.1 421"), "{answer}");
        assert!(!answer.contains("hello"), "{answer}");
    }
    for bad in ["", "x-hearth-hop: short\r\n"] {
        let answer = ask(&format!("GET /internal/v1/hop HTTP/1.1\r\nhost: w\r\n{bad}connection: close\r\n\r\n"));
        assert!(status(&answer).contains(" 400 "), "{}", status(&answer));
    }
}

/// Takes one connection, passes on what is said on it, and gives what was heard up to the call; nothing where nobody came before `over`.
fn overhear(middle: &TcpListener, target: SocketAddr, over: &AtomicBool) -> Option<Vec<u8>> {
    middle.set_nonblocking(true).unwrap();
    let from = loop {
        match middle.accept() {
            Ok((from, _)) => break from,
            Err(_) if over.load(Ordering::Relaxed) => return None,
            Err(_) => pause(Duration::from_millis(10)),
        }
    };
    from.set_nonblocking(false).unwrap();
    let to = TcpStream::connect(target).unwrap();
    for stream in [&from, &to] {
        stream.set_read_timeout(Some(LONG)).unwrap();
    }
    let (mut heard, mut forward, mut back, mut answers) =
        (from.try_clone().unwrap(), to.try_clone().unwrap(), from, to);
    std::thread::spawn(move || {
        let mut piece = [0; 65536];
        while let Ok(read @ 1..) = answers.read(&mut piece) {
            if back.write_all(&piece[..read]).is_err() {
                break;
            }
        }
    });
    let (mut all, mut piece) = (Vec::new(), [0; 65536]);
    while let Ok(read @ 1..) = heard.read(&mut piece) {
        all.extend_from_slice(&piece[..read]);
        forward.write_all(&piece[..read]).unwrap();
        if all.windows(10).any(|part| part == b"/api/hello") {
            break;
        }
    }
    Some(all)
}

#[test]
fn what_was_heard_on_the_wire_is_worth_nothing_a_second_time() {
    // Listeners in the middle hear what one worker says to others.
    let middles: Vec<TcpListener> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let mut cluster = Cluster::start(0);
    for (number, middle) in middles.iter().enumerate() {
        let told = middle.local_addr().unwrap().to_string();
        let worker = cluster.worker(&format!("w{}", number + 1), &["--advertise", &told]);
        cluster.workers.push(worker);
    }
    cluster.publish("plain", &hearth_tests::test_guest("faults-http"));
    cluster.spread("plain", 2);
    let edge = cluster.worker("w3", &[]);
    cluster.workers.push(edge);
    let targets: Vec<SocketAddr> = ["w1", "w2"].iter().map(|name| private(&cluster, name)).collect();
    let over = AtomicBool::new(false);
    let (target, heard) = std::thread::scope(|scope| {
        let hearing: Vec<_> = middles
            .iter()
            .zip(&targets)
            .map(|(middle, target)| scope.spawn(|| overhear(middle, *target, &over).map(|heard| (*target, heard))))
            .collect();
        let call = cluster.call(&cluster.workers[2], "plain", Method::POST, "/api/hello").within(LONG);
        let answer = call.send();
        over.store(true, Ordering::Relaxed);
        assert_eq!(answer.expect(200).text(), "hello");
        hearing.into_iter().find_map(|thread| thread.join().unwrap()).expect("the call went through a listener")
    });
    let mut again = TcpStream::connect(target).unwrap();
    again.write_all(&heard).unwrap();
    again.set_read_timeout(Some(LONG)).unwrap();
    let (mut answers, mut piece) = (Vec::new(), [0; 65536]);
    while !String::from_utf8_lossy(&answers).contains("HTTP/1.1 421") {
        let read = again.read(&mut piece).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answers));
        answers.extend_from_slice(&piece[..read]);
    }
    assert!(!String::from_utf8_lossy(&answers).contains("hello"), "{}", String::from_utf8_lossy(&answers));
}

#[test]
fn a_process_that_took_the_port_of_a_worker_gets_no_calls() {
    let cluster = three();
    let edge = cluster.without("plain");
    let names = cluster.running_on("plain");
    let ports: Vec<SocketAddr> = names.iter().map(|name| private(&cluster, name)).collect();
    assert_eq!(cluster.call(having(&cluster, "plain"), "plain", Method::GET, "/api/hello").send().status, 200);
    for name in &names {
        cluster.named(name).kill();
    }
    let strangers: Vec<_> = ports
        .into_iter()
        .filter_map(|port| {
            let listener = TcpListener::bind(port).ok()?;
            Some(std::thread::spawn(move || {
                listener.set_nonblocking(true).unwrap();
                let (mut stream, _) = eventually("the worker to knock", || listener.accept().ok());
                stream.set_nonblocking(false).unwrap();
                stream.set_read_timeout(Some(LONG)).unwrap();
                let mut heard = [0; 65536];
                let read = stream.read(&mut heard).unwrap();
                let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nx-hearth-hop: 00.00\r\ncontent-length: 2\r\n\r\nno");
                String::from_utf8_lossy(&heard[..read]).into_owned()
            }))
        })
        .collect();
    let call = cluster.call(edge, "plain", Method::POST, "/api/hello?secret=1").body("a secret");
    assert_eq!(call.send().expect(200).text(), "hello", "loaded here");
    for stranger in strangers {
        let heard = stranger.join().unwrap();
        assert!(heard.starts_with("GET /internal/v1/hop ") && !heard.contains("secret"), "{heard}");
    }
}
