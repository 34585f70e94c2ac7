//! What operations cost, in request units: figures that clients can add up, near those of the service (reference: Cosmos DB,
//! section 1.5).

/// Request units of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Charge(pub f64);

/// A read that found nothing, or that nothing had changed.
pub(super) const NOTHING: Charge = Charge(1.0);
/// The least that a page of a query costs.
const QUERY_PAGE: f64 = 2.3;
/// A read of up to 1 KB.
const READ: f64 = 1.0;
/// A create of up to 1 KB.
const CREATE: f64 = 5.5;
/// What a replacement or a deletion costs beside a create.
const CHANGE: f64 = 1.5;

/// A read of an item.
pub(super) fn read(bytes: usize) -> Charge {
    Charge(READ * size(bytes))
}

/// A create of an item.
pub(super) fn create(bytes: usize) -> Charge {
    Charge(CREATE * size(bytes))
}

/// A replacement of an item, or its deletion.
pub(super) fn change(bytes: usize) -> Charge {
    Charge(CREATE * CHANGE * size(bytes))
}

/// A page of a list or of a feed.
pub(super) fn page(bytes: usize) -> Charge {
    Charge(READ * size(bytes))
}

/// A page of a query that looked at so many bytes of items.
pub(super) fn query(bytes: usize) -> Charge {
    Charge(QUERY_PAGE + size(bytes) - 1.0)
}

/// How much more something costs for its size: once per KB, in powers of two.
fn size(bytes: usize) -> f64 {
    let kilobytes = u32::try_from(bytes.div_ceil(1024).max(1)).unwrap_or(u32::MAX);
    f64::from(kilobytes.checked_next_power_of_two().unwrap_or(u32::MAX))
}

impl std::ops::Add for Charge {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::AddAssign for Charge {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
