//! RIDs of resources as hex digits (reference: Cosmos DB, section 3).

use super::ResourceKind;
use crate::StateError;

/// A RID for a new resource, at random: whether it is unused is seen when it is stored.
pub(super) fn unused(kind: ResourceKind, parent: &str) -> Result<String, StateError> {
    let number = getrandom::u64()
        .map_err(|error| StateError::Unavailable(format!("the system gives no random numbers ({error})")))?;
    let (half, low_31) = (number & 0xffff_ffff, number & 0x7fff_ffff);
    Ok(match kind {
        ResourceKind::Database => format!("{half:08x}"),
        ResourceKind::Container => format!("{parent}{:08x}", low_31 | 1 << 31),
        ResourceKind::User | ResourceKind::ClientEncryptionKey => format!("{parent}{low_31:08x}"),
        ResourceKind::Offer => format!("{:06x}", number & 0xff_ffff),
        ResourceKind::Permission => child(parent, 0x9, number),
        ResourceKind::StoredProcedure => child(parent, 0x8, number),
        ResourceKind::Trigger => child(parent, 0x7, number),
        ResourceKind::UserDefinedFunction => child(parent, 0x6, number),
    })
}

/// The child's number is little endian, and its highest four bits tell what it is.
fn child(parent: &str, kind: u64, number: u64) -> String {
    let number = number & (u64::MAX >> 4) | kind << 60;
    format!("{parent}{:016x}", number.swap_bytes())
}

/// The number of the container with this RID: its eight bytes.
pub(crate) fn container_number(rid: &str) -> Result<i64, StateError> {
    match u64::from_str_radix(rid, 16) {
        Ok(number) if rid.len() == 16 => Ok(number.cast_signed()),
        _ => Err(no_rid(rid)),
    }
}

/// The numbers between which all containers of a database are.
pub(super) fn containers_of_database(rid: &str) -> Result<(i64, i64), StateError> {
    let number = u32::from_str_radix(rid, 16).map_err(|_| no_rid(rid))?;
    let first = u64::from(number) << 32;
    Ok((first.cast_signed(), (first | 0xffff_ffff).cast_signed()))
}

fn no_rid(rid: &str) -> StateError {
    StateError::Rejected(format!("'{rid}' is not the RID of a container or database"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rids_have_the_layout_that_clients_read() {
        let database = unused(ResourceKind::Database, "").unwrap();
        let container = unused(ResourceKind::Container, &database).unwrap();
        let user = unused(ResourceKind::User, &database).unwrap();
        assert_eq!((database.len(), container.len(), user.len()), (8, 16, 16));
        assert!(container.starts_with(&database) && user.starts_with(&database));
        let top = |rid: &str| u8::from_str_radix(&rid[8..10], 16).unwrap() & 0x80;
        assert_eq!((top(&container), top(&user)), (0x80, 0));
        for (kind, nibble) in [
            (ResourceKind::StoredProcedure, "8"),
            (ResourceKind::Trigger, "7"),
            (ResourceKind::UserDefinedFunction, "6"),
            (ResourceKind::Permission, "9"),
        ] {
            let child = unused(kind, &container).unwrap();
            assert_eq!((child.len(), &child[30..31]), (32, nibble), "the last byte is the highest");
        }
        assert_eq!(unused(ResourceKind::Offer, "").unwrap().len(), 6);
    }

    #[test]
    fn the_containers_of_a_database_are_a_span_of_numbers() {
        for database in ["00000001", "7fffffff", "80000000", "ffffffff"] {
            let (first, last) = containers_of_database(database).unwrap();
            for container in ["80000000", "ffffffff", "c0ffee00"] {
                let number = container_number(&format!("{database}{container}")).unwrap();
                assert!(first <= number && number <= last, "{database}{container}");
            }
        }
        assert!(container_number("00").is_err() && containers_of_database("zz").is_err());
    }
}
