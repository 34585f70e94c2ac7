//! A call of a public operation with its arguments, and how such calls are drawn at random: few names and small numbers,
//! so that calls meet each other.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// An app, worker, lease, … by its place in a short list.
pub(super) type Index = usize;

/// Names of apps; the last one is never created.
pub(super) const APPS: [&str; 4] = ["shop", "mail", "blog", "none"];
pub(super) const HOSTS: [&str; 4] = ["a.example", "B.example", "c.example", "b.EXAMPLE"];
pub(super) const WORKERS: [&str; 3] = ["w1", "w2", "w3"];
pub(super) const LEASES: [&str; 2] = ["scheduler", "sweep"];
pub(super) const HOLDERS: [&str; 3] = ["a", "b", "c"];
/// Spellings of four names, and one that is none.
pub(super) const SETTINGS: [&str; 7] = ["A", "a", "B__c", "b:C", "D", "\u{7e}", "e=f"];
pub(super) const VALUES: [&str; 4] = ["", "1", "zwei \u{fc}\u{1f600}", "x\ny"];
/// Scopes of keys: 0 is the master's, 1 the system's, 2 the host's, then those of functions.
pub(super) const FUNCTIONS: [&str; 3] = ["Orders", "orders", "Mails"];
pub(super) const KEYS: [&str; 4] = ["default", "Default", "partner", "PARTNER"];
/// Contents of packages; deployments refer to the first.
pub(super) const PACKAGES: [&[u8]; 3] = [b"package", b"", b"another"];

/// One call.
#[derive(Clone, Debug)]
pub(super) enum Call {
    Advance(u64),
    CreateApp(Index),
    DeleteApp(Index),
    SetCredential(Index, u8),
    SetHosts(Index, Vec<Index>),
    ByHost(Index),
    Activate {
        app: Index,
        deployment: u32,
        generation: u64,
    },
    InsertDeployment {
        app: Index,
        id: u32,
    },
    UpdateDeployment {
        id: u32,
        status: Option<u8>,
        text: Option<Index>,
        functions: Option<Index>,
        complete: bool,
    },
    AddLog {
        id: u32,
        message: Index,
        kind: u8,
    },
    FailInterrupted,
    Prune {
        app: Index,
        keep: u64,
    },
    Register {
        worker: Index,
        lease: u64,
    },
    Beat {
        beats: Vec<(Index, u64)>,
        lease: u64,
    },
    MarkMissing,
    Assign {
        app: Index,
        generation: u64,
        to: Vec<(Index, u32)>,
    },
    Install {
        name: Index,
        value: u8,
    },
    Acquire {
        lease: Index,
        holder: Index,
        ttl: u64,
    },
    Renew {
        leases: Vec<(Index, Index, u64)>,
        ttl: u64,
    },
    Release(Index, Index, u64),
    Restart(Index),
    SetMode(Index, u8),
    ChangeSettings {
        app: Index,
        set: Vec<(Index, Index)>,
        unset: Vec<Index>,
        all: bool,
        expected: Option<u64>,
    },
    EnsureKeys(Index),
    EnsureFunction(Index, Index),
    PutKey {
        app: Index,
        scope: Index,
        name: Index,
        value: u8,
    },
    DeleteKey {
        app: Index,
        scope: Index,
        name: Index,
    },
    PutPackage(Index),
    Collect,
    Changes(u64),
    /// Everything that can be read.
    Observe,
}

/// A call drawn at random.
pub(super) fn any_call() -> impl Strategy<Value = Call> {
    let app = || 0..APPS.len();
    let id = || 1..6_u32;
    let worker = || 0..WORKERS.len();
    let seconds = || prop_oneof![Just(1_u64), Just(10), Just(30)];
    let lease = || (0..LEASES.len(), 0..HOLDERS.len(), 1..6_u64);
    let scope = || 0..3 + FUNCTIONS.len();
    let first = prop_oneof![
        2 => prop_oneof![Just(1_u64), Just(10), Just(30), Just(700)].prop_map(Call::Advance),
        4 => (0..3_usize).prop_map(Call::CreateApp),
        1 => app().prop_map(Call::DeleteApp),
        1 => (app(), any::<u8>()).prop_map(|(app, with)| Call::SetCredential(app, with)),
        2 => (app(), vec(0..HOSTS.len(), 0..4)).prop_map(|(app, hosts)| Call::SetHosts(app, hosts)),
        1 => (0..HOSTS.len()).prop_map(Call::ByHost),
        4 => (app(), id(), 0..4_u64)
            .prop_map(|(app, deployment, generation)| Call::Activate { app, deployment, generation }),
        4 => (app(), id()).prop_map(|(app, id)| Call::InsertDeployment { app, id }),
        4 => (id(), option::of(0..5_u8), option::of(0..VALUES.len()), option::of(0..VALUES.len()), any::<bool>())
            .prop_map(|(id, status, text, functions, complete)| {
                Call::UpdateDeployment { id, status, text, functions, complete }
            }),
        2 => (id(), 0..VALUES.len(), 0..3_u8).prop_map(|(id, message, kind)| Call::AddLog { id, message, kind }),
        1 => Just(Call::FailInterrupted),
        2 => (app(), 0..3_u64).prop_map(|(app, keep)| Call::Prune { app, keep }),
        2 => (worker(), seconds()).prop_map(|(worker, lease)| Call::Register { worker, lease }),
        2 => (vec((worker(), 1..4_u64), 0..4), seconds()).prop_map(|(beats, lease)| Call::Beat { beats, lease }),
        2 => Just(Call::MarkMissing),
    ];
    let second = prop_oneof![
        2 => (app(), 0..4_u64, vec((worker(), id()), 0..4))
            .prop_map(|(app, generation, to)| Call::Assign { app, generation, to }),
        1 => (0..2_usize, any::<u8>()).prop_map(|(name, value)| Call::Install { name, value }),
        4 => (0..LEASES.len(), 0..HOLDERS.len(), seconds())
            .prop_map(|(lease, holder, ttl)| Call::Acquire { lease, holder, ttl }),
        2 => (vec(lease(), 0..4), seconds()).prop_map(|(leases, ttl)| Call::Renew { leases, ttl }),
        1 => lease().prop_map(|(lease, holder, epoch)| Call::Release(lease, holder, epoch)),
        1 => app().prop_map(Call::Restart),
        2 => (app(), 0..3_u8).prop_map(|(app, mode)| Call::SetMode(app, mode)),
        4 => (
            app(),
            vec((0..SETTINGS.len(), 0..VALUES.len()), 0..4),
            vec(0..SETTINGS.len(), 0..3),
            proptest::bool::weighted(0.1),
            option::weighted(0.2, 1..9_u64),
        )
            .prop_map(|(app, set, unset, all, expected)| Call::ChangeSettings { app, set, unset, all, expected }),
        2 => app().prop_map(Call::EnsureKeys),
        2 => (app(), 0..FUNCTIONS.len()).prop_map(|(app, function)| Call::EnsureFunction(app, function)),
        3 => (app(), scope(), 0..KEYS.len(), 0..3_u8)
            .prop_map(|(app, scope, name, value)| Call::PutKey { app, scope, name, value }),
        2 => (app(), scope(), 0..KEYS.len()).prop_map(|(app, scope, name)| Call::DeleteKey { app, scope, name }),
        1 => (0..PACKAGES.len()).prop_map(Call::PutPackage),
        1 => Just(Call::Collect),
        1 => (0..30_u64).prop_map(Call::Changes),
        1 => Just(Call::Observe),
    ];
    prop_oneof![33 => first, 29 => second]
}
