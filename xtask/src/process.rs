//! Child processes: started with nothing on standard input, shown before they run, and an error that holds the command
//! line and how it ended.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::Pid;

use crate::environment::{Scrub, scrub};
use crate::output::step;

/// `cargo` of the toolchain that runs xtask, without what this process inherited from it.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    scrub(&mut command, Scrub::Caller);
    command
}

/// The command as one could type it; arguments with blanks in quotes.
pub(crate) fn line(command: &Command) -> String {
    let mut words = vec![word(&command.get_program().to_string_lossy())];
    words.extend(command.get_args().map(|argument| word(&argument.to_string_lossy())));
    words.join(" ")
}

fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@+%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Shows the command, runs it with our output, and fails unless it ends with success.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    step(line(command));
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start `{}`", line(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// Runs the command silently and returns its standard output.
pub(crate) fn read(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{}`", line(command)))?;
    if !output.status.success() {
        bail!("`{}` ended with {}: {}", line(command), output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed something that is not UTF-8", line(command)))
}

/// Shows the command and runs it for at most `limit`; it is killed after that. The answer is whether it succeeded.
pub(crate) fn try_within(command: &mut Command, limit: Duration) -> anyhow::Result<bool> {
    step(line(command));
    let mut child =
        command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start `{}`", line(command)))?;
    let pid = pid(&child)?;
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait()));
    let status = match end.recv_timeout(limit) {
        Ok(status) => status,
        Err(_) => {
            step(format_args!("gave up after {} s", limit.as_secs()));
            rustix::process::kill_process(pid, rustix::process::Signal::KILL)?;
            end.recv()?
        }
    };
    Ok(status?.success())
}

/// The process id of a child, in the form that signals are sent to.
pub(crate) fn pid(child: &Child) -> anyhow::Result<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("the system gave an impossible process id")
}

/// The full path of a program on PATH.
pub(crate) fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_can_be_copied() {
        let mut command = Command::new("apt-get");
        command.args(["install", "-y", "a b", "it's", ""]);
        assert_eq!(line(&command), r"apt-get install -y 'a b' 'it'\''s' ''");
    }

    #[test]
    fn a_command_over_its_time_is_stopped_and_counts_as_failed() {
        let mut slow = Command::new("sleep");
        slow.arg("600");
        assert!(!try_within(&mut slow, Duration::ZERO).unwrap());
        assert!(try_within(&mut Command::new("true"), Duration::from_secs(60)).unwrap());
    }

    #[test]
    fn a_failed_command_is_named_with_what_it_said() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo broken pipe fitting >&2; exit 3"]);
        let error = read(&mut command).unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.contains("broken pipe fitting"), "{error}");
    }
}
