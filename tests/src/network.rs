//! Machines with addresses of their own on one machine: a network namespace for each, joined by a bridge in one more.
//!
//! A machine that is cut off sends and hears nothing, and nobody is told: its link stays up, as behind a broken switch. All of
//! it is gone with [`Network`]; the addresses are those reserved for tests of networks (RFC 2544).

use std::process::Command;

/// The machines, by their names.
pub struct Network {
    machines: Vec<String>,
    /// Begins the names of this network's namespaces.
    prefix: String,
}

impl Network {
    /// Connects machines of these names; or why this machine does not allow it.
    pub fn of(machines: &[&str]) -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("network namespaces need root".to_owned());
        }
        let machines: Vec<String> = machines.iter().map(|name| (*name).to_owned()).collect();
        // Dropping takes away what was made before something failed.
        let network = Self { machines, prefix: format!("hearth-{}-", std::process::id()) };
        let switch = network.namespace("switch");
        ip(&format!("netns add {switch}"))?;
        ip(&format!("-n {switch} link add bridge type bridge"))?;
        ip(&format!("-n {switch} link set bridge up"))?;
        for (number, name) in network.machines.iter().enumerate() {
            let namespace = network.namespace(name);
            ip(&format!("netns add {namespace}"))?;
            ip(&format!("link add eth0 netns {namespace} type veth peer name port{number} netns {switch}"))?;
            ip(&format!("-n {namespace} address add {}/24 dev eth0", address(number)))?;
            ip(&format!("-n {namespace} link set lo up"))?;
            ip(&format!("-n {namespace} link set eth0 up"))?;
            ip(&format!("-n {switch} link set port{number} master bridge up"))?;
        }
        Ok(network)
    }

    /// The name under which `ip netns exec` knows a machine.
    pub fn namespace(&self, machine: &str) -> String {
        format!("{}{machine}", self.prefix)
    }

    /// The address of a machine.
    #[track_caller]
    pub fn address(&self, machine: &str) -> String {
        address(self.number(machine))
    }

    /// Loses whatever goes to or comes from this machine.
    #[track_caller]
    pub fn cut(&self, machine: &str) {
        ip(&format!("-n {} link set port{} nomaster", self.namespace("switch"), self.number(machine))).unwrap();
    }

    /// Takes a machine in again that was cut off.
    #[track_caller]
    pub fn heal(&self, machine: &str) {
        ip(&format!("-n {} link set port{} master bridge", self.namespace("switch"), self.number(machine))).unwrap();
    }

    fn number(&self, machine: &str) -> usize {
        self.machines.iter().position(|name| name == machine).expect("a machine of this network")
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for machine in self.machines.iter().map(String::as_str).chain(["switch"]) {
            let _was_not_made = ip(&format!("netns delete {}", self.namespace(machine)));
        }
    }
}

fn address(number: usize) -> String {
    format!("198.18.77.{}", number + 1)
}

fn ip(arguments: &str) -> Result<(), String> {
    let output = Command::new("ip").args(arguments.split(' ')).output().map_err(|error| format!("ip: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("ip {arguments}: {}", said.trim())) }
}
