//! A way to an endpoint that goes wrong as a script says: one request on each connection, read whole, then passed on, answered here, or
//! cut.
#![allow(dead_code, reason = "each suite uses what it needs")]

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// How many came before.
    pub(crate) earlier: usize,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// What is done with a request.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// It is passed on, and the answer back.
    Pass,
    /// It is answered here.
    Answer { status: u16, headers: &'static str, body: &'static str },
    /// The connection is closed before anybody hears of it.
    CutBefore,
    /// It is passed on, and the connection is closed instead of an answer.
    CutAfter,
    /// It is passed on, and the answer breaks off in its body, or before its head's end if there is none.
    CutInside,
}

impl Fate {
    pub(crate) fn status(status: u16, headers: &'static str) -> Self {
        Self::Answer { status, headers, body: "{}" }
    }
}

/// The way.
pub(crate) struct Faults {
    /// Base URL without a slash at its end.
    pub(crate) endpoint: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Faults {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Faults {
    /// A way to the endpoint `to`.
    pub(crate) async fn before(to: &str, script: impl Fn(&Seen) -> Fate + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let to = to.trim_start_matches("http://").to_owned();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (known, script) = (seen.clone(), Arc::new(script));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (to, known, script) = (to.clone(), known.clone(), script.clone());
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let Some(mut request) = read(&mut stream).await else { return };
                    {
                        let mut known = known.lock().unwrap();
                        request.earlier = known.len();
                        known.push(request.clone());
                    }
                    let answer = match script(&request) {
                        Fate::Pass => pass(&to, &request).await,
                        Fate::Answer { status, headers, body } => format!(
                            "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
                            body.len()
                        )
                        .into_bytes(),
                        Fate::CutBefore => Vec::new(),
                        Fate::CutAfter => {
                            pass(&to, &request).await;
                            Vec::new()
                        }
                        Fate::CutInside => {
                            let mut answer = pass(&to, &request).await;
                            answer.truncate(answer.len() - 3);
                            answer
                        }
                    };
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { endpoint, seen, task }
    }

    /// All that came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut head = String::new();
    loop {
        let before = head.len();
        stream.read_line(&mut head).await.ok()?;
        match &head[before..] {
            "" => return None,
            "\r\n" => break,
            _ => {}
        }
    }
    let mut words = head.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut seen = Seen { earlier: 0, method, target, head, body: Vec::new() };
    let length = seen.header("content-length").map_or(0, |value| value.parse().unwrap());
    seen.body = vec![0; length];
    stream.read_exact(&mut seen.body).await.ok()?;
    Some(seen)
}

/// The whole answer of the endpoint, closing its connection.
async fn pass(to: &str, request: &Seen) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let head = request.head.trim_end();
    stream.write_all(format!("{head}\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    stream.write_all(&request.body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}
