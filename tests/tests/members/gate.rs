//! Between a worker and management: passes everything, until a beat's answer brings a new credential.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// What happens to an answer that brings a new credential.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// Everything passes.
    Open,
    /// It is lost, and so is all that follows.
    LoseOffer,
    /// It arrives, and all that follows is lost.
    LoseConfirmation,
    /// Nothing passes.
    Closed,
}

pub(crate) struct Gate {
    address: SocketAddr,
    mode: Arc<(Mutex<Mode>, Condvar)>,
}

impl Gate {
    pub(crate) fn to(management: SocketAddr, mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mode = Arc::new((Mutex::new(mode), Condvar::new()));
        let shared = mode.clone();
        thread::spawn(move || {
            for worker in listener.incoming() {
                let Ok(worker) = worker else { return };
                if *shared.0.lock().unwrap() == Mode::Closed {
                    continue;
                }
                let Ok(server) = TcpStream::connect(management) else { continue };
                let (to, from) = (server.try_clone().unwrap(), worker.try_clone().unwrap());
                let (asked, answered) = (shared.clone(), shared.clone());
                thread::spawn(move || pass(from, to, &asked, false));
                thread::spawn(move || pass(server, worker, &answered, true));
            }
        });
        Self { address, mode }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn set(&self, mode: Mode) {
        *self.mode.0.lock().unwrap() = mode;
    }

    /// Waits until an answer brought a credential.
    pub(crate) fn closed(&self) {
        let mode = self.mode.0.lock().unwrap();
        let (mode, waited) =
            self.mode.1.wait_timeout_while(mode, hearth_tests::LONG, |mode| *mode != Mode::Closed).unwrap();
        assert!(!waited.timed_out(), "no credential came by: {mode:?}");
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mode: &(Mutex<Mode>, Condvar), answers: bool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let piece = &buffer[..length];
        // Management writes an answer of this size at once, head and body.
        let text = String::from_utf8_lossy(piece);
        let offer = answers && text.contains("\"assignments\"") && text.contains("\"credential\":\"");
        let mut mode_now = mode.0.lock().unwrap();
        let passes = match *mode_now {
            Mode::Open => true,
            Mode::Closed => false,
            Mode::LoseOffer | Mode::LoseConfirmation if !offer => true,
            lost => {
                *mode_now = Mode::Closed;
                mode.1.notify_all();
                lost == Mode::LoseConfirmation
            }
        };
        drop(mode_now);
        if !passes || to.write_all(piece).is_err() {
            break;
        }
    }
    let _gone = from.shutdown(Shutdown::Both);
    let _gone = to.shutdown(Shutdown::Both);
}
