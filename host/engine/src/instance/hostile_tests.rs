//! Functions that leave behind what they can, before one that looks for it.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};

use super::*;

/// Fails if it finds anything of another invocation, then does what it is told.
const HOSTILE: &str = "
    const path = require('node:path');
    let calls = 0;
    const kept = [];
    const pristine = { ...process.env };
    function traces() {
        const found = [];
        const look = (what, seen) => { if (seen) found.push(what); };
        look('module', ++calls !== 1 || kept.length !== 0 || 'left' in path || 'left' in module.exports);
        look('global', 'left' in globalThis || typeof JSON !== 'object' || typeof Math.max !== 'function');
        look('prototype', 'left' in {} || 'left' in [] || 'left' in (() => {}) || [3, 1].sort().join() !== '1,3');
        look('symbol', globalThis[Symbol.for('left')] !== undefined);
        look('environment', process.env.COLOUR !== 'red' || Object.keys(process.env).length !== Object.keys(pristine).length);
        look('listener', process.listenerCount('left') !== 0);
        look('error', Error.stackTraceLimit === 0 || Error.prepareStackTrace !== undefined && Error.prepareStackTrace.left);
        look('cache', Object.keys(require.cache).some((name) => require.cache[name].left));
        return found;
    }
    const down = (n) => 1 + down(n + 1);
    const leave = {
        nothing() {},
        globals() { globalThis.left = kept; globalThis[Symbol.for('left')] = 1; delete globalThis.JSON; Math.max = null; kept.push(1); },
        prototypes() { Object.prototype.left = 1; Function.prototype.left = 1; Array.prototype.sort = function () { return this; }; },
        modules() { path.left = 1; module.exports.left = 1; Object.values(require.cache).forEach((one) => { one.left = 1; }); },
        environment() { process.env.COLOUR = 'blue'; process.env.LEFT = '1'; process.on('left', () => {}); Error.stackTraceLimit = 0; },
        timers() {
            setInterval(() => { globalThis.left = 1; }, 1);
            setTimeout(() => { Object.prototype.left = 1; }, 0);
            setImmediate(() => { kept.push(1); });
            process.nextTick(() => { path.left = 1; });
            Promise.resolve().then(() => { process.env.COLOUR = 'blue'; });
            kept.push(new Promise(() => {}), new WeakRef(kept), new FinalizationRegistry(() => { globalThis.left = 1; }));
            (function* () { try { yield 1; } finally { globalThis.left = 1; } })().next();
        },
        throws() { globalThis.left = 1; throw new Error('as told'); },
        rejects() { globalThis.left = 1; Promise.reject(new Error('as told')); },
        stuck() { globalThis.left = 1; return new Promise(() => {}); },
        deep() { globalThis.left = 1; try { down(0); } catch {} },
        deeper() { globalThis.left = 1; down(0); },
        spare() { globalThis.left = new Uint8Array(3 << 20).fill(7); },
        grows() { globalThis.left = new Uint8Array(16 << 20).fill(7); },
        exhausts() { const all = globalThis.left = []; for (;;) all.push(new Uint8Array(1 << 20)); },
        loops() { globalThis.left = 1; for (;;); },
        waits() { globalThis.left = 1; return new Promise((done) => setTimeout(done, 3600000)); },
        async hangs(at) { globalThis.left = fetch(at + '/hang'); await (await fetch(at + '/answer')).text(); },
        async asks(at) { globalThis.left = await (await fetch(at + '/plain')).text(); },
        async aborts(at) {
            const control = new AbortController();
            globalThis.left = fetch(at + '/hang', { signal: control.signal }).catch(() => {});
            await (await fetch(at + '/answer')).text();
            control.abort();
        },
        async reads(at) {
            const reader = globalThis.left = (await fetch(at + '/stream')).body.getReader();
            await reader.read();
        },
        async awaits(at) { globalThis.left = 1; await fetch(at + '/hang'); },
    };
    module.exports = async (context, input) => {
        const found = traces();
        if (found.length > 0) throw new Error('traces of another: ' + found);
        const [what, at] = input.split(' ');
        await leave[what](at);
    };";

/// How an invocation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Success,
    Error,
    Timeout,
    Memory,
}

fn end(what: &str, result: &Result<(), InvokeError>) -> End {
    match result {
        Ok(()) => End::Success,
        Err(InvokeError::Failed { message, .. }) if !message.contains("traces of another") => End::Error,
        Err(InvokeError::Timeout { .. }) => End::Timeout,
        Err(InvokeError::Memory { .. }) => End::Memory,
        Err(error) => panic!("{what}: {error:?}"),
    }
}

#[tokio::test]
async fn whatever_an_invocation_leaves_behind_it_reaches_no_other() {
    for indexed in [true, false] {
        let guest = guest(HOSTILE);
        if indexed {
            guest.index_scripts(context(LONG)).await.unwrap();
        }
        let start = start_of(&guest, "nothing").await;
        assert_eq!(loading(&guest), if indexed { Loading::Done } else { Loading::Each });
        for (what, expected, put_back) in [
            ("globals", End::Success, true),
            ("prototypes", End::Success, true),
            ("modules", End::Success, true),
            ("environment", End::Success, true),
            ("timers", End::Success, true),
            ("throws", End::Error, true),
            ("rejects", End::Error, false),
            ("stuck", End::Error, false),
            ("deep", End::Success, true),
            ("deeper", End::Error, true),
            ("spare", End::Success, true),
            ("grows", End::Success, false),
            ("exhausts", End::Memory, false),
            ("loops", End::Timeout, false),
            ("waits", End::Timeout, false),
            ("nothing", End::Success, true),
        ] {
            let limit = if expected == End::Timeout { Duration::from_millis(300) } else { LONG };
            for _ in 0..2 {
                assert_eq!(end(what, &call_within(&guest, what, limit).await), expected, "{what}");
                let instance = take(&guest);
                assert_eq!(instance.is_some(), put_back, "{what}, indexed: {indexed}");
                if let Some(mut instance) = instance {
                    assert_eq!(difference(&content(&mut instance), &start), None, "{what}, indexed: {indexed}");
                    keep(&guest, instance);
                }
            }
        }
    }
}

/// What a server saw.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Request(&'static str),
    Close(&'static str),
}

/// Answers `/plain` at once, `/answer` once it was asked for `/hang`, the beginning of an answer to `/stream`, and nothing to `/hang`.
async fn serve(listener: TcpListener, seen: mpsc::Sender<Seen>) {
    let asked = Arc::new(Notify::new());
    while let Ok((mut connection, _)) = listener.accept().await {
        let (seen, asked) = (seen.clone(), asked.clone());
        tokio::spawn(async move {
            while let Some(path) = asked_for(&mut connection).await {
                if ["/answer", "/plain"].contains(&path) {
                    if path == "/answer" {
                        asked.notified().await;
                    }
                    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
                    continue;
                }
                if path == "/stream" {
                    let part = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n";
                    connection.write_all(part).await.unwrap();
                } else {
                    asked.notify_one();
                }
                seen.send(Seen::Request(path)).await.unwrap();
                // Nothing more is asked on this connection.
                connection.read_u8().await.unwrap_err();
                seen.send(Seen::Close(path)).await.unwrap();
                break;
            }
        });
    }
}

/// Reads the head of a request; `None` at the end of the connection.
async fn asked_for(connection: &mut TcpStream) -> Option<&'static str> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head);
    ["/answer", "/plain", "/stream", "/hang"].into_iter().find(|path| head.starts_with(&format!("GET {path} ")))
}

#[tokio::test]
async fn what_an_invocation_asked_of_others_ends_with_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let (sender, mut seen) = mpsc::channel(10);
    let server = tokio::spawn(serve(listener, sender));
    let guest = guest(HOSTILE);
    guest.index_scripts(context(LONG)).await.unwrap();
    let start = start_of(&guest, "nothing").await;
    let mut next = async || tokio::time::timeout(LONG, seen.recv()).await.unwrap().unwrap();

    for (what, path) in [("hangs", "/hang"), ("reads", "/stream"), ("aborts", "/hang")] {
        call(&guest, &format!("{what} {at}")).await.unwrap();
        assert_eq!([next().await, next().await], [Seen::Request(path), Seen::Close(path)], "{what}");
        assert!(take(&guest).is_none(), "{what}: what still holds something of the host's is not put back");
        call(&guest, "nothing").await.unwrap();
    }
    for _ in 0..3 {
        call(&guest, &format!("asks {at}")).await.unwrap();
        let mut instance = take(&guest).unwrap();
        assert_eq!(difference(&content(&mut instance), &start), None, "what was answered in full leaves nothing");
        keep(&guest, instance);
    }

    // Whoever called goes away while the function waits.
    let input = format!("awaits {at}");
    tokio::select! {
        result = call(&guest, &input) => panic!("{result:?}"),
        seen = next() => assert_eq!(seen, Seen::Request("/hang")),
    }
    assert_eq!(next().await, Seen::Close("/hang"));
    assert!(take(&guest).is_none(), "an instance that was left in the middle is not put back");
    call(&guest, "nothing").await.unwrap();
    server.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invocations_at_the_same_time_are_fresh_also_while_their_start_changes() {
    let guest = Arc::new(guest(HOSTILE));
    let kinds = ["globals", "prototypes", "timers", "modules", "throws", "environment", "spare", "grows", "rejects"];
    let callers: Vec<_> = (0..6_usize)
        .map(|caller| {
            let guest = guest.clone();
            tokio::spawn(async move {
                for number in 0..60 {
                    if (caller, number) == (0, 20) {
                        guest.index_scripts(context(LONG)).await.unwrap();
                    }
                    let what = kinds[(caller * 5 + number) % kinds.len()];
                    end(what, &call(&guest, what).await);
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(loading(&guest), Loading::Done);
}
