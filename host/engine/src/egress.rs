//! Where a guest's outbound HTTP may go. The rule is applied to resolved addresses, so that a name can't lead around it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// The rule: every address but the machine's own and its link, and whatever the operator allows besides.
#[derive(Clone, Debug, Default)]
pub struct EgressRule {
    allow: Vec<IpNet>,
}

impl EgressRule {
    /// A rule that also allows these networks, each in CIDR form (`127.0.0.0/8`, `::1/128`) or a single address.
    pub fn allowing<S: AsRef<str>>(networks: &[S]) -> Result<Self, String> {
        let allow = networks
            .iter()
            .map(|text| {
                let text = text.as_ref().trim();
                text.parse::<IpNet>()
                    .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                    .map_err(|_| format!("'{text}' is not a network such as 127.0.0.0/8 or an address"))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { allow })
    }

    /// Whether a connection to `address` may be made.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = canonical(address);
        self.allow.iter().any(|network| network.contains(&address)) || !is_own(address)
    }

    pub(crate) fn filter(&self, addresses: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        addresses.filter(|address| self.allows(address.ip())).collect()
    }
}

/// An IPv4 address in IPv6 clothes (mapped, compatible, NAT64, 6to4) is judged as what it reaches.
fn canonical(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return v4.into();
    }
    let octets = v6.octets();
    let segments = v6.segments();
    let embedded = match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some([octets[12], octets[13], octets[14], octets[15]]),
        [0x2002, ..] => Some([octets[2], octets[3], octets[4], octets[5]]),
        [0, 0, 0, 0, 0, 0, ..] if v6 != Ipv6Addr::LOCALHOST && v6 != Ipv6Addr::UNSPECIFIED => {
            Some([octets[12], octets[13], octets[14], octets[15]])
        }
        _ => None,
    };
    embedded.map_or(address, IpAddr::from)
}

fn is_own(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_loopback() || v4.is_link_local() || v4.octets()[0] == 0 || v4.is_broadcast() || v4.is_multicast()
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || v6.is_unicast_link_local() || v6.is_multicast(),
    }
}

/// A target that the egress rule does not allow.
#[derive(Debug, thiserror::Error)]
#[error("{host} is not allowed by the egress rule: {found}. The operator can allow it (setting: egress-allow)")]
pub(crate) struct EgressDenied {
    pub(crate) host: String,
    pub(crate) found: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_and_its_link_are_closed_in_every_spelling() {
        let rule = EgressRule::default();
        for address in [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.1.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            assert!(!rule.allows(address.parse().unwrap()), "{address}");
        }
        for address in ["10.0.0.1", "192.168.1.1", "93.184.216.34", "2606:2800:220:1::1", "64:ff9b::808:808", "fd00::1"]
        {
            assert!(rule.allows(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_operator_can_open_networks() {
        let rule = EgressRule::allowing(&["127.0.0.0/8", "::1"]).unwrap();
        assert!(rule.allows("127.0.0.1".parse().unwrap()) && rule.allows("::1".parse().unwrap()));
        assert!(rule.allows("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!rule.allows("169.254.1.1".parse().unwrap()));
        assert!(EgressRule::allowing(&["localhost"]).unwrap_err().contains("localhost"));
    }
}
