//! The writer from inside: batches of known content, made by holding the turn while operations queue up.

use super::*;
use crate::operation::{Durability, Statement, Value};

static MAKE: Statement =
    Statement::change("test.make", "CREATE TABLE numbers (n INTEGER NOT NULL PRIMARY KEY) STRICT", "");
static ADD: Statement = Statement::change("test.add", "INSERT INTO numbers (n) VALUES (?) ON CONFLICT DO NOTHING", "");
static ADD_TWICE: Statement = Statement::change("test.add-or-fail", "INSERT INTO numbers (n) VALUES (?)", "");
static FIND: Statement = Statement::query("test.find", "SELECT n FROM numbers WHERE n = ?", "");
static ALL: Statement = Statement::query("test.all", "SELECT n FROM numbers ORDER BY n", "");
static CHANGE: Statement =
    Statement::change("test.change", "UPDATE numbers SET n = n + 1000 WHERE n = ? RETURNING n", "");

fn step(statement: &'static Statement, number: i64) -> Step {
    Step::new(statement, vec![number.into()])
}

fn required(statement: &'static Statement, number: i64) -> Step {
    Step::required(statement, vec![number.into()])
}

async fn engine(directory: &tempfile::TempDir) -> Arc<SqliteEngine> {
    let path = directory.path().join("state.db");
    let engine = SqliteEngine::open(&path, OpenOptions::default(), Default::default()).await.unwrap();
    engine.write(Operation::full(vec![Step::new(&MAKE, vec![])])).await.unwrap();
    Arc::new(engine)
}

async fn all(engine: &SqliteEngine) -> Vec<i64> {
    let rows = engine.read(Step::new(&ALL, vec![])).await.unwrap();
    rows.iter().map(|row| row.int(0).unwrap()).collect()
}

/// Queues the operations while the turn is held, so that all but the first go into one batch.
async fn batch(engine: &Arc<SqliteEngine>, operations: Vec<Operation>) -> Vec<Result<Outcome, StateError>> {
    let turn = Turn::open(&engine.place).unwrap();
    let held = turn.take_blocking().await.unwrap();
    let mut tasks = Vec::new();
    for operation in operations {
        let waiting = Arc::clone(engine);
        let mut queued = Box::pin(async move { waiting.write(operation).await });
        // The first poll puts it in the queue.
        assert!(futures_util::poll!(&mut queued).is_pending());
        tasks.push(tokio::spawn(queued));
    }
    drop(held);
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_operation_fails_alone_wherever_it_stands() {
    for bad in [1, 2, 35, 69] {
        let directory = tempfile::tempdir().unwrap();
        let engine = engine(&directory).await;
        engine.write(Operation::full(vec![step(&ADD, 500)])).await.unwrap();
        let operation = |n| if n == bad { step(&ADD_TWICE, 500) } else { step(&ADD, n) };
        let answers = batch(&engine, (0..70).map(|n| Operation::full(vec![operation(n)])).collect()).await;
        for (n, answer) in (0..70).zip(&answers) {
            assert_eq!(answer.is_err(), n == bad, "{n}: {answer:?}");
        }
        let expected: Vec<i64> = (0..70).filter(|n| *n != bad).chain([500]).collect();
        assert_eq!(all(&engine).await, expected);
        engine.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_reach_their_own_operation_whatever_the_mixture() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine(&directory).await;
    for decide in [false, true] {
        engine.write(Operation::full(vec![step(&ADD, 1), step(&ADD, 2)])).await.unwrap();
        let mut operations: Vec<Operation> = vec![
            Operation::normal(vec![step(&ADD, 1), step(&FIND, 1), step(&ADD, 7)]),
            Operation::full(vec![step(&FIND, 9)]),
            Operation::normal(vec![step(&CHANGE, 2)]),
            Operation::normal(vec![step(&FIND, 1)]),
            Operation::normal(vec![required(&CHANGE, 3)]),
        ];
        if decide {
            operations.push(Operation::normal(vec![step(&ADD, 4), required(&FIND, 5), step(&ADD, 6)]));
            operations.push(Operation::normal(vec![step(&ADD, 4), required(&FIND, 4), step(&ADD, 6)]));
            operations.extend((10..14).map(|n| Operation::full(vec![required(&ADD, n), step(&CHANGE, n)])));
        }
        let answers: Vec<Outcome> = batch(&engine, operations).await.into_iter().map(Result::unwrap).collect();
        let counts: Vec<Vec<u64>> =
            answers.iter().map(|answer| answer.steps.iter().map(|step| step.affected).collect()).collect();
        let first_seven = u64::from(!decide);
        assert_eq!(counts[..5], [vec![0, 1, first_seven], vec![0], vec![1], vec![1], vec![0]]);
        assert_eq!(answers[2].row(0).unwrap().0, [Value::Int(1002)]);
        assert_eq!(answers.iter().map(|answer| answer.done).collect::<Vec<_>>()[..5], [true, true, true, true, false]);
        if decide {
            assert_eq!((counts[5].clone(), answers[5].done), (vec![1, 0], false));
            assert_eq!((counts[6].clone(), answers[6].done), (vec![1, 1, 1], true));
            assert!(counts[7..].iter().all(|counts| *counts == [1, 1]), "{counts:?}");
            assert_eq!(all(&engine).await, [1, 4, 6, 7, 1002, 1010, 1011, 1012, 1013]);
        } else {
            assert_eq!(all(&engine).await, [1, 7, 1002]);
            engine.write(Operation::full(vec![Step::new(&CLEAR, vec![])])).await.unwrap();
            engine.write(Operation::full(vec![step(&ADD, 7)])).await.unwrap();
        }
    }
    engine.close().await;
}

/// What decides to go on is run with others in one go; what decides otherwise makes all of them begin anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_that_decide_are_run_together() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine(&directory).await;
    let pair = |n| Operation::full(vec![required(&ADD, n), required(&CHANGE, n), step(&ADD, n + 5000)]);
    for (round, bad) in [(0, None), (1, Some(17)), (2, None)] {
        let numbers: Vec<i64> = (0..40).map(|n| round * 100 + n).collect();
        if let Some(bad) = bad {
            engine.write(Operation::full(vec![step(&ADD, round * 100 + bad)])).await.unwrap();
        }
        let answers = batch(&engine, numbers.iter().map(|n| pair(*n)).collect()).await;
        for (n, answer) in numbers.iter().zip(answers) {
            let answer = answer.unwrap();
            let done = bad.is_none_or(|bad| *n != round * 100 + bad);
            assert_eq!((answer.done, answer.steps.len()), (done, if done { 3 } else { 1 }), "{n}");
            assert_eq!(answer.row(1).map(|row| row.0.clone()), done.then(|| vec![Value::Int(n + 1000)]));
        }
    }
    assert_eq!(all(&engine).await.len(), 39 * 2 + 40 * 4 + 1);
    engine.close().await;
}

static CLEAR: Statement = Statement::change("test.clear", "DELETE FROM numbers", "");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_moves_the_log_into_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let engine = engine(&directory).await;
    for round in 0..40 {
        let steps = (0..500).map(|n| step(&ADD, round * 500 + n)).collect();
        engine.write(Operation { steps, durability: Durability::Normal }).await.unwrap();
    }
    assert_eq!(all(&engine).await.len(), 20_000);
    engine.close().await;
    assert!(!directory.path().join("state.db-wal").exists(), "the last to close moves the log into the file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_is_found_by_an_index() {
    let text = format!("EXPLAIN QUERY PLAN {}", crate::configuration::CHANGES.sqlite);
    let plan: &'static Statement = Box::leak(Box::new(Statement::query("test.plan", String::leak(text), "")));
    let directory = tempfile::tempdir().unwrap();
    let rows = engine(&directory).await.read(step(plan, 7)).await.unwrap();
    let plan: Vec<&str> = rows.iter().map(|row| row.text(3).unwrap()).collect();
    assert!(plan[0].contains("USING INDEX app_configuration_by_revision (revision>?)"), "{plan:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_that_come_together_are_answered_each_with_its_own_rows() {
    static POINT: Statement = Statement::point("test.point", "SELECT n FROM numbers WHERE n = ?", "");
    static BAD: Statement = Statement::point("test.bad", "SELECT json_extract('no JSON', '$.' || ?)", "");
    let directory = tempfile::tempdir().unwrap();
    let engine = engine(&directory).await;
    let adds = (0..100).map(|n| step(&ADD, n * 2)).collect();
    engine.write(Operation::full(adds)).await.unwrap();
    let read = |n: i64| {
        let engine = Arc::clone(&engine);
        async move { engine.read(step(if n % 50 == 7 { &BAD } else { &POINT }, n)).await }
    };
    let mut tasks: Vec<_> = (0..200).map(|n| (n, tokio::spawn(read(n)))).collect();
    // Some go away before they are answered; the others do not hear of it.
    tasks.iter().filter(|(n, _)| n % 10 == 1).for_each(|(_, task)| task.abort());
    tasks.retain(|(n, _)| n % 10 != 1);
    for (n, task) in tasks {
        match task.await.unwrap() {
            Ok(rows) => {
                let numbers: Vec<i64> = rows.iter().map(|row| row.int(0).unwrap()).collect();
                assert_eq!(numbers, if n % 2 == 0 { vec![n] } else { vec![] });
            }
            Err(error) => assert_eq!(n % 50, 7, "{error}"),
        }
    }
    assert!(read(57).await.is_err());
    assert_eq!(read(58).await.unwrap().len(), 1, "and it goes on");
    engine.close().await;
    assert!(matches!(read(58).await, Err(StateError::Unavailable(_))));
}
