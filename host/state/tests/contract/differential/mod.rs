//! Random sequences of every public operation: each engine answers as the model does, what can be read is the same, and
//! what SQL Server keeps is what SQLite keeps.
//!
//! The sequences come from a seed, so that a failure can be repeated; it is told as the shortest sequence that fails.
//! `HEARTH_TEST_SEED` takes another seed, `HEARTH_TEST_SEQUENCES` another number of sequences.

mod call;
mod model;
mod real;

use hearth_model::clock::Clock;
use proptest::collection::vec;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::fixture::{Engine, Fixture};
use call::{Call, any_call};
use model::Model;
use real::perform;

crate::on_every_engine!(any_sequence_of_calls_is_answered_as_by_the_model);

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable}: {text}")))
}

async fn any_sequence_of_calls_is_answered_as_by_the_model(fixture: Fixture) {
    let empty = Fixture::on(fixture.engine());
    empty.open().await.close().await;
    let seed = number("HEARTH_TEST_SEED", 5);
    let cases = number("HEARTH_TEST_SEQUENCES", if fixture.engine() == Engine::Sqlite { 40 } else { 12 });
    let config = Config {
        cases: u32::try_from(cases).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let runtime = tokio::runtime::Handle::current();
    let run =
        move || runner.run(&vec(any_call(), 1..90).prop_map(ended), |calls| runtime.block_on(compare(&empty, &calls)));
    tokio::task::spawn_blocking(run).await.unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
}

fn ended(mut calls: Vec<Call>) -> Vec<Call> {
    calls.push(Call::Observe);
    calls
}

/// Makes the calls on a copy of an empty database and on the model; on SQL Server also on SQLite, for what is kept.
async fn compare(empty: &Fixture, calls: &[Call]) -> Result<(), TestCaseError> {
    let fixture = empty.copy().await;
    let mut model = Model::new(fixture.clock.now());
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    for call in calls {
        let (expected, found) = (model.perform(call), perform(&fixture, &database, &keyring, call).await);
        if expected != found {
            return Err(TestCaseError::fail(difference(call, &expected, &found)));
        }
    }
    database.close().await;
    if fixture.engine() == Engine::SqlServer {
        let other = Fixture::sqlite();
        let database = other.open().await;
        for call in calls {
            perform(&other, &database, &keyring, call).await;
        }
        database.close().await;
        let (expected, found) = (other.dump().await, fixture.dump().await);
        if expected != found {
            return Err(TestCaseError::fail(difference(&Call::Observe, &expected, &found)));
        }
    }
    Ok(())
}

fn difference(call: &Call, expected: &str, found: &str) -> String {
    let lines = expected.lines().zip(found.lines()).enumerate();
    match lines.into_iter().find(|(_, (expected, found))| expected != found) {
        Some((line, (expected, found))) => {
            format!("{call:?}, line {line}:\n  expected {expected}\n  found    {found}")
        }
        None => format!("{call:?}: {} lines expected, {} found", expected.lines().count(), found.lines().count()),
    }
}
