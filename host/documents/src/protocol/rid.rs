//! RIDs: the numbers behind every resource, as bytes, as text, and as the links in `_self` (reference: Cosmos DB,
//! section 3). A child's bytes begin with its parent's.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Most bytes of a RID: those of an attachment.
const LONGEST: usize = 20;

/// What kind of child of a container or user a RID of 16 bytes is: the highest four bits of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ChildKind {
    /// An item.
    Document = 0x0,
    /// A conflict.
    Conflict = 0x4,
    /// A partition key range.
    PartitionKeyRange = 0x5,
    /// A user-defined function.
    UserDefinedFunction = 0x6,
    /// A trigger.
    Trigger = 0x7,
    /// A stored procedure.
    StoredProcedure = 0x8,
    /// A permission, below a user.
    Permission = 0x9,
}

/// A RID of 3 (offer), 4 (database), 8 (container, user), 16 (their children) or 20 bytes (attachment).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rid {
    bytes: [u8; LONGEST],
    length: u8,
}

impl Rid {
    /// A RID of these bytes; none for another length than a RID has.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if !matches!(bytes.len(), 3 | 4 | 8 | 16 | 20) {
            return None;
        }
        let mut all = [0; LONGEST];
        all[..bytes.len()].copy_from_slice(bytes);
        Some(Self { bytes: all, length: u8::try_from(bytes.len()).ok()? })
    }

    /// An offer: the lower 24 bits of a number.
    pub fn offer(number: u32) -> Self {
        Self::new(&[], &number.to_be_bytes()[1..])
    }

    /// A database.
    pub fn database(number: u32) -> Self {
        Self::new(&[], &number.to_be_bytes())
    }

    /// A container of this database: the lower 31 bits of a number.
    #[must_use]
    pub fn container(&self, number: u32) -> Self {
        Self::new(&self.bytes[..4], &(number | 1 << 31).to_be_bytes())
    }

    /// A user of this database, or another of its children that is no container: the lower 31 bits of a number.
    #[must_use]
    pub fn user(&self, number: u32) -> Self {
        Self::new(&self.bytes[..4], &(number & !(1 << 31)).to_be_bytes())
    }

    /// A child of this container or user: the lower 60 bits of a number.
    #[must_use]
    pub fn child(&self, kind: ChildKind, number: i64) -> Self {
        let number = number.cast_unsigned() & (u64::MAX >> 4) | (kind as u64) << 60;
        Self::new(&self.bytes[..8], &number.to_le_bytes())
    }

    /// An attachment of this item.
    #[must_use]
    pub fn attachment(&self, number: u32) -> Self {
        Self::new(&self.bytes[..16], &number.to_le_bytes())
    }

    /// The container with this number in host state.
    pub fn from_container_number(number: i64) -> Self {
        Self::new(&[], &number.to_be_bytes())
    }

    /// The number of the container, in host state, that this is or lies in: its eight bytes, big endian.
    pub fn container_number(&self) -> i64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.bytes[..8]);
        i64::from_be_bytes(first)
    }

    /// The number of a child inside its parent, without its kind; 0 where this is no child.
    pub fn child_number(&self) -> i64 {
        let mut last = [0; 8];
        last.copy_from_slice(&self.bytes[8..16]);
        (u64::from_le_bytes(last) & (u64::MAX >> 4)).cast_signed()
    }

    /// The number of an attachment inside its item; 0 where this is none.
    pub fn attachment_number(&self) -> u32 {
        let mut last = [0; 4];
        last.copy_from_slice(&self.bytes[16..]);
        u32::from_le_bytes(last)
    }

    /// Whether this is a container, by its length and highest bit.
    pub fn is_container(&self) -> bool {
        self.length == 8 && self.bytes[4] & 0x80 != 0
    }

    /// Its parent, by the bytes; none for databases and offers.
    pub fn parent(&self) -> Option<Self> {
        match self.length {
            8 => Self::from_bytes(&self.bytes[..4]),
            16 => Self::from_bytes(&self.bytes[..8]),
            20 => Self::from_bytes(&self.bytes[..16]),
            _ => None,
        }
    }

    /// The database it lies in.
    pub fn database_part(&self) -> Option<Self> {
        if self.length < 4 { None } else { Self::from_bytes(&self.bytes[..4]) }
    }

    /// The container or user that it is or lies in.
    pub fn container_part(&self) -> Option<Self> {
        if self.length < 8 { None } else { Self::from_bytes(&self.bytes[..8]) }
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// As host state keeps it: lower-case hex.
    pub fn to_hex(&self) -> String {
        hex::encode(self.as_bytes())
    }

    /// From what host state keeps.
    pub fn from_hex(text: &str) -> Option<Self> {
        Self::from_bytes(&hex::decode(text).ok()?)
    }

    /// Adds its text to another, without allocating.
    pub fn write(&self, out: &mut String) {
        let mut buffer = [0; LONGEST.div_ceil(3) * 4];
        let written = STANDARD.encode_slice(self.as_bytes(), &mut buffer).unwrap_or(0);
        out.extend(buffer[..written].iter().map(|byte| if *byte == b'/' { '-' } else { char::from(*byte) }));
    }

    fn new(parent: &[u8], own: &[u8]) -> Self {
        let mut bytes = [0; LONGEST];
        bytes[..parent.len()].copy_from_slice(parent);
        bytes[parent.len()..parent.len() + own.len()].copy_from_slice(own);
        Self { bytes, length: u8::try_from(parent.len() + own.len()).unwrap_or(0) }
    }
}

/// As in `_rid`: base64 with `-` in place of `/`.
impl fmt::Display for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(28);
        self.write(&mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is not a RID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no RID: 3, 4, 8, 16 or 20 bytes in base64, with '-' in place of '/'")]
pub struct InvalidRid;

impl FromStr for Rid {
    type Err = InvalidRid;

    fn from_str(text: &str) -> Result<Self, InvalidRid> {
        // Most names end here: the texts of 3, 4, 8, 16 and 20 bytes.
        if !matches!(text.len(), 4 | 8 | 12 | 24 | 28) || text.contains('/') {
            return Err(InvalidRid);
        }
        let mut base64 = [0; LONGEST.div_ceil(3) * 4];
        for (at, byte) in text.bytes().enumerate() {
            base64[at] = if byte == b'-' { b'/' } else { byte };
        }
        let mut bytes = [0; LONGEST.div_ceil(3) * 3];
        let length = STANDARD.decode_slice(&base64[..text.len()], &mut bytes).map_err(|_| InvalidRid)?;
        Self::from_bytes(&bytes[..length]).ok_or(InvalidRid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rids_are_those_of_the_reference() {
        let database = Rid::database(1);
        let container = database.container(1);
        let item = container.child(ChildKind::Document, 1);
        assert_eq!(database.to_string(), "AAAAAQ==");
        assert_eq!(container.to_string(), "AAAAAYAAAAE=");
        assert_eq!(item.to_string(), "AAAAAYAAAAEBAAAAAAAAAA==");
        assert_eq!(container.child(ChildKind::PartitionKeyRange, 1).to_string(), "AAAAAYAAAAEBAAAAAAAAUA==");
        assert_eq!((Rid::offer(7).to_string().len(), Rid::offer(7).as_bytes()), (4, &[0, 0, 7][..]));
        assert_eq!(item.attachment(2).as_bytes().len(), 20);
    }

    #[test]
    fn text_and_hex_read_back_and_what_is_neither_is_refused() {
        let container = Rid::database(0xfbff_ffff).container(0x7fff_fffe);
        for rid in [container, Rid::offer(0xff_ffff), container.child(ChildKind::StoredProcedure, i64::MAX)] {
            assert_eq!(rid.to_string().parse(), Ok(rid));
            assert_eq!(Rid::from_hex(&rid.to_hex()), Some(rid));
            assert!(!rid.to_string().contains('/'));
        }
        assert!(container.to_string().starts_with("+-----"), "{container}");
        for bad in ["", "AAAA/A==", "AAAAAQ", "hello", "AAAAAQ==AAAA", "AAAAAAA=", "ÄÄ==", &"A".repeat(400)] {
            assert_eq!(bad.parse::<Rid>(), Err(InvalidRid), "{bad}");
        }
    }

    #[test]
    fn a_child_names_its_parents_and_its_number() {
        let container = Rid::database(9).container(5);
        let item = container.child(ChildKind::Document, 1 << 50);
        assert_eq!((item.parent(), item.database_part()), (Some(container), Some(Rid::database(9))));
        assert_eq!((item.child_number(), item.attachment(3).parent()), (1 << 50, Some(item)));
        assert_eq!(item.attachment(3).container_part(), Some(container));
        assert_eq!((item.attachment(u32::MAX).attachment_number(), item.attachment_number()), (u32::MAX, 0));
        assert_eq!(Rid::from_container_number(container.container_number()), container);
        assert!(container.is_container() && !Rid::database(9).user(u32::MAX).is_container());
        assert_eq!(Rid::offer(1).parent(), None);
    }
}
