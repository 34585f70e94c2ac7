//! Some minutes of instances that come and go, and then quiet, in which everything must come to rest.

use std::time::Duration;

use hearth_cosmos::processor::{Estimator, ProcessorOptions, ProcessorStart};

use crate::instance::{Behaviour, Instance};
use crate::time::{Chance, Time};
use crate::world::{KEYS, World};

const MOST_INSTANCES: usize = 5;
const LIFE: Duration = Duration::from_secs(8 * 60);
/// Long enough for leases of those who died to expire, and for everybody to have taken their share one lease at a time.
const QUIET: Duration = Duration::from_secs(5 * 60);

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

fn seeds(count: u64) -> impl Iterator<Item = u64> {
    let first = number("HEARTH_SIMULATION_SEED", 1);
    first..first + number("HEARTH_SIMULATION_SEEDS", count)
}

fn options(chance: &Chance) -> ProcessorOptions {
    ProcessorOptions {
        start: ProcessorStart::Beginning,
        max_items: [None, Some(1), Some(7)][chance.between(0, 3) as usize],
        release_after: [0, 1, 5][chance.between(0, 3) as usize],
        ..ProcessorOptions::default()
    }
}

/// What happens to instances and ranges.
struct Life {
    world: World,
    chance: Chance,
    behaviour: Behaviour,
    instances: Vec<Instance>,
    started: u64,
}

impl Life {
    fn new(seed: u64, time: &Time, behaviour: Behaviour) -> Self {
        let world = World::new(time.clone(), 12);
        Self { world, chance: Chance::new(seed), behaviour, instances: Vec::new(), started: 0 }
    }

    fn start(&mut self) {
        self.started += 1;
        let name = format!("instance-{}", self.started);
        let options = options(&self.chance);
        let instance = Instance::start(name, &self.world, self.chance.number(), self.behaviour, options);
        self.instances.push(instance);
    }

    fn any(&mut self) -> usize {
        self.chance.between(0, self.instances.len() as u64) as usize
    }

    async fn happen(&mut self, ranges_change: bool) {
        let count = self.instances.len();
        match self.chance.between(0, 10) {
            0 | 1 if count < MOST_INSTANCES => self.start(),
            2 if count > 1 => {
                let at = self.any();
                self.instances.swap_remove(at).end().await;
            }
            3 | 4 if count > 1 => {
                let at = self.any();
                self.instances.swap_remove(at).crash().await;
            }
            5 | 6 if self.behaviour.cuts => {
                let at = self.any();
                let time = self.chance.millis(1_000, 120_000);
                self.instances[at].cut(time);
            }
            7 if ranges_change => self.world.merge(&self.chance),
            8 | 9 if ranges_change => self.world.split(&self.chance),
            _ => {}
        }
    }

    /// Everything comes to rest.
    async fn quiet(&mut self) {
        while self.instances.len() < 2 {
            self.start();
        }
        for instance in &self.instances {
            instance.calm();
        }
        self.world.time.sleep(QUIET).await;
    }

    /// What must be true then.
    async fn check(mut self, seed: u64) {
        let faults = self.world.checker.faults();
        assert!(faults.is_empty(), "seed {seed}: {faults:#?}");
        let counts = self.world.checker.owners();
        let leases = self.world.leases();
        let of = |instance: &Instance| counts.get(&instance.name).copied().unwrap_or(0);
        let shares = self.instances.iter().map(of).collect::<Vec<_>>();
        assert_eq!(shares.iter().sum::<u64>(), leases.len() as u64, "seed {seed}: {shares:?} of {}", leases.len());
        let (most, fewest) = (shares.iter().max().unwrap(), shares.iter().min().unwrap());
        assert!(most - fewest <= 1, "seed {seed}: {shares:?}");
        // Together they are on every key once.
        let mut bounds = leases.iter().map(|lease| lease.bounds.clone().unwrap()).collect::<Vec<_>>();
        bounds.sort_by(|one, other| one.min.cmp(&other.min));
        assert_eq!((bounds[0].min.as_str(), bounds.last().unwrap().max.as_str()), ("", "FF"), "seed {seed}");
        assert!(bounds.windows(2).all(|pair| pair[0].max == pair[1].min), "seed {seed}: {bounds:?}");
        // Positions need not be stored up to the end where a delegate defers that.
        let calm = Behaviour { failing: 0, faults: 0, cuts: false, skew: Duration::ZERO };
        let link = Instance::link(&self.world, calm);
        let lag = Estimator::new(link.clone(), link, "unit").estimate().await.unwrap();
        assert_eq!(lag.leases.len(), leases.len(), "seed {seed}");
        while let Some(instance) = self.instances.pop() {
            instance.end().await;
        }
        let kept = self.world.leases().into_iter().filter_map(|lease| lease.owner).collect::<Vec<_>>();
        assert_eq!(kept, Vec::<String>::new(), "seed {seed}: leases were not given back");
    }
}

fn live(seed: u64, behaviour: Behaviour, ranges_change: bool) -> Duration {
    let time = Time::default();
    time.run(async {
        let mut life = Life::new(seed, &time, behaviour);
        for _ in 0..life.chance.between(1, 4) {
            life.start();
        }
        let (world, chance) = (life.world.clone(), Chance::new(seed ^ 0x5EED));
        let writer = tokio::spawn(async move {
            while world.time.now() < LIFE {
                world.write(chance.between(0, KEYS), 1 + chance.between(0, 10) / 8);
                world.time.sleep(chance.millis(10, 600)).await;
            }
        });
        while time.now() < LIFE {
            time.sleep(life.chance.millis(1_000, 25_000)).await;
            life.happen(ranges_change).await;
        }
        writer.await.unwrap();
        life.quiet().await;
        let checker = life.world.checker.clone();
        if std::env::var_os("HEARTH_SIMULATION_TRACE").is_some() {
            println!("seed {seed}: {:?}, drained: {}", checker.counts(), checker.is_drained());
        }
        let overlap = checker.longest_overlap();
        life.check(seed).await;
        overlap
    })
}

const ROUGH: Behaviour = Behaviour { failing: 200, faults: 60, cuts: true, skew: Duration::from_secs(2) };

#[test]
fn nothing_is_lost_whatever_happens() {
    for seed in seeds(25) {
        let overlap = live(seed, ROUGH, true);
        // The time after which leases expire is what the protocol allows, and clocks differ.
        assert!(overlap <= Duration::from_secs(60 + 2), "seed {seed}: two had a lease for {overlap:?}");
    }
}

#[test]
fn without_faults_whoever_is_robbed_hears_of_it_within_a_renewal() {
    let calm = Behaviour { failing: 0, faults: 0, cuts: false, skew: Duration::ZERO };
    for seed in seeds(8) {
        let overlap = live(seed, calm, false);
        // Who is robbed hears of it when the lease is renewed, every 17 s.
        assert!(overlap <= Duration::from_secs(18), "seed {seed}: two had a lease for {overlap:?}");
    }
}

#[test]
fn delegates_that_fail_lose_nothing_on_a_good_day_either() {
    let failing = Behaviour { failing: 200, faults: 0, cuts: false, skew: Duration::ZERO };
    for seed in seeds(8) {
        live(seed, failing, true);
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let counts = |seed| {
        let time = Time::default();
        time.run(async {
            let mut life = Life::new(seed, &time, ROUGH);
            life.start();
            life.start();
            for round in 0..200 {
                life.world.write(round % KEYS, 1);
                time.sleep(Duration::from_millis(500)).await;
            }
            (life.world.checker.counts(), life.world.leases())
        })
    };
    assert_eq!(counts(7), counts(7));
}
