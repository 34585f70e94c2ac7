//! Resources as they travel: their own properties, then what the store adds (reference: Cosmos DB, section 3).

use std::fmt::Write as _;

use hearth_state::documents::StoredResource;

use crate::protocol::links::ResourceKind;
use crate::protocol::{Rid, etag};

/// The `_self` of a resource: the RIDs on the way to it.
pub(crate) fn self_link(kind: ResourceKind, rid: Rid) -> String {
    let mut link = String::with_capacity(96);
    if kind != ResourceKind::Offer {
        let steps = [rid.database_part(), rid.container_part().filter(|_| rid.as_bytes().len() > 8)];
        let in_container = rid.container_part().is_some_and(|part| part.is_container());
        let second = if in_container { ResourceKind::Container } else { ResourceKind::User };
        for (kind, rid) in [ResourceKind::Database, second].into_iter().zip(steps) {
            if let Some(rid) = rid {
                step(&mut link, kind, rid);
            }
        }
    }
    if kind != ResourceKind::Database {
        step(&mut link, kind, rid);
    }
    link
}

fn step(link: &mut String, kind: ResourceKind, rid: Rid) {
    link.push_str(kind.segment());
    link.push('/');
    rid.write(link);
    link.push('/');
}

/// A resource as it is answered; what a token adds is handed over ready.
pub(crate) fn render(kind: ResourceKind, rid: Rid, stored: &StoredResource, extra: &str) -> String {
    let own = stored.body.trim_end().strip_suffix('}').unwrap_or(&stored.body).trim_end();
    let mut text = String::with_capacity(own.len() + extra.len() + 256);
    text.push_str(own);
    if !own.ends_with('{') {
        text.push(',');
    }
    text.push_str("\"_rid\":\"");
    rid.write(&mut text);
    let seconds = stored.changed.as_micros().div_euclid(1_000_000);
    // Writing to a text does not fail.
    let _ = write!(
        text,
        "\",\"_self\":\"{}\",\"_etag\":\"\\\"{}\\\"\"{}{extra},\"_ts\":{seconds}}}",
        self_link(kind, rid),
        etag::text(stored.version).trim_matches('"'),
        children(kind),
    );
    text
}

/// Where what is below a resource is found.
fn children(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Database => ",\"_colls\":\"colls/\",\"_users\":\"users/\"",
        ResourceKind::Container => {
            ",\"_docs\":\"docs/\",\"_sprocs\":\"sprocs/\",\"_triggers\":\"triggers/\",\"_udfs\":\"udfs/\",\"_conflicts\":\"conflicts/\""
        }
        ResourceKind::User => ",\"_permissions\":\"permissions/\"",
        _ => "",
    }
}
