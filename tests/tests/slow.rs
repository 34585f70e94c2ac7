//! A thousand clients that take their time, and everybody else is served as if they were not there.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hearth_tests::{Connection, Hearth, Protocol, eventually, test_guest};
use http::Method;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Slow clients of each kind.
const HEADS: usize = 400;
const BODIES: usize = 300;
const READERS: usize = 300;
/// Calls of the normal caller over each kind of connection.
const CALLS: usize = 200;
/// The normal caller's 99th percentile stays below this, on a busy machine of two processors in a debug build; without
/// slow clients it is a few milliseconds.
const P99: Duration = Duration::from_millis(500);
/// The worker may grow by so many bytes for all of them: what the readers leave unread, and some 64 KiB for each.
const GROWTH: u64 = 256 << 20;
/// Bytes that each reader asks for: more than the sockets' buffers take on loopback.
const ANSWER: usize = 256 * 1024;

/// Lets this process and those it starts have a file for each connection; false where that is not allowed.
fn raise_file_limit() -> bool {
    const NEEDED: u64 = 4096;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|now| now >= NEEDED) {
        return true;
    }
    let wanted = limit.maximum.map_or(NEEDED, |most| most.min(NEEDED));
    wanted >= NEEDED && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }).is_ok()
}

/// Resident memory of a process, in bytes.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Sockets and files that a process has open.
fn open_files(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// A connection on which these bytes were sent.
fn sent(hearth: &Hearth, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(hearth.http_address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// The slow clients; those that send get on by a byte with each step.
struct Slow {
    sending: Vec<TcpStream>,
    reading: Vec<TcpStream>,
}

impl Slow {
    fn hold(hearth: &Hearth) -> Self {
        let host = format!("faults.localhost:{}", hearth.http_address().port());
        let head = || sent(hearth, &format!("GET /api/ok HTTP/1.1\r\nhost: {host}\r\nx-slow: "));
        let body =
            || sent(hearth, &format!("POST /api/length HTTP/1.1\r\nhost: {host}\r\ncontent-length: 1000\r\n\r\n"));
        let read = || sent(hearth, &format!("GET /api/big?bytes={ANSWER} HTTP/1.1\r\nhost: {host}\r\n\r\n"));
        let sending = (0..HEADS).map(|_| head()).chain((0..BODIES).map(|_| body())).collect();
        Self { sending, reading: (0..READERS).map(|_| read()).collect() }
    }

    fn step(&mut self) {
        for stream in &mut self.sending {
            stream.write_all(b"x").unwrap();
        }
    }

    /// Waits until every reader has been answered as far as it takes anything.
    fn await_answers(&self) {
        let mut first = [0; 12];
        for stream in &self.reading {
            eventually("the begin of an answer", || (stream.peek(&mut first).unwrap() == first.len()).then_some(()));
            assert_eq!(&first, b"HTTP/1.1 200");
        }
    }
}

/// Times of the normal caller's calls, a step of the slow ones now and then. Every call must succeed.
fn calls(hearth: &Hearth, slow: &mut Slow, kept: Option<Protocol>) -> Vec<Duration> {
    let mut connection = kept.map(|protocol| Connection::new(hearth.http_address(), protocol));
    let call = hearth.app("faults").call(Method::GET, "/api/ok");
    let mut times = Vec::new();
    for at in 0..CALLS {
        if at % 25 == 0 {
            slow.step();
        }
        let begin = Instant::now();
        let answer = match &mut connection {
            Some(connection) => connection.send(&call).unwrap(),
            None => call.clone().send(),
        };
        times.push(begin.elapsed());
        assert_eq!(answer.expect(200).text(), "ok");
    }
    times.sort();
    times
}

#[test]
fn slow_clients_starve_nobody() {
    if !raise_file_limit() {
        println!("skipped: the limit of open files (ulimit -Hn) is below 4096");
        return;
    }
    let hearth = Hearth::start();
    hearth.publish("faults", &test_guest("faults"));
    let worker = hearth.worker();
    // Everything that is made on first use is there before memory and files are counted.
    hearth.app("faults").get(&format!("/api/big?bytes={ANSWER}")).expect(200);
    let (memory, files) = (resident(worker), open_files(worker));

    let mut slow = Slow::hold(&hearth);
    slow.await_answers();
    assert!(open_files(worker) >= files + HEADS + BODIES + READERS, "the worker holds them all");
    for kept in [None, Some(Protocol::Http1), Some(Protocol::Http2)] {
        let times = calls(&hearth, &mut slow, kept);
        let p99 = times[times.len() * 99 / 100];
        assert!(p99 < P99, "{kept:?}: the 99th percentile is {p99:?}, the longest {:?}", times[times.len() - 1]);
    }
    let grown = resident(worker).saturating_sub(memory);
    assert!(grown < GROWTH, "the worker grew by {} MiB", grown >> 20);

    // They were slow, not forgotten: a reader that reads at last has its whole answer, a body that ends is answered.
    let mut reader = slow.reading.pop().unwrap();
    let mut taken = vec![0; ANSWER];
    reader.read_exact(&mut taken).unwrap();
    let mut sender = slow.sending.pop().unwrap();
    sender.write_all(&[b'x'; 1000][..1000 - 3 * CALLS / 25]).unwrap();
    let mut status = [0; 12];
    sender.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");

    drop((slow, reader, sender));
    eventually("the end of their connections", || (open_files(worker) < files + 50).then_some(()));
    assert_eq!(hearth.app("faults").get("/api/ok").expect(200).text(), "ok");
    assert_eq!(hearth.worker(), worker, "the worker is another process");
}
