//! The text that is sent, and the promises that every statement keeps.

use super::*;
use crate::operation::Statement;

static ONE: Statement = Statement::change("t.one", "? ?", "UPDATE $.t SET a = @2, b = @1, c = @@SPID WHERE d = @2");
static MANY: Statement =
    Statement::change("t.many", "?", "UPDATE $.t SET a = @1; SET @n = @@ROWCOUNT; IF @n = 0 BEGIN SET @n = 1; END;");
static ASK: Statement = Statement::query("t.ask", "?", "SELECT a FROM $.t WHERE b = @1");

fn steps() -> Vec<Step> {
    vec![
        Step::new(&ONE, vec![Value::Now(-5), "x".into()]),
        Step::required(&ASK, vec![7_i64.into()]),
        Step::new(&MANY, vec![Value::Null]),
        Step::required(&ASK, vec![[1_u8, 2].as_slice().into()]),
    ]
}

const HEAD: &str = "DECLARE @n bigint, @r bigint, @u nvarchar(400), @go bit = 1, @now bigint = ";

#[test]
fn a_batch_is_a_whole_transaction_that_a_required_step_can_switch_off() {
    let steps = steps();
    let batch = build("s1", &steps, Frame::Whole, None);
    assert_eq!(
        batch.text,
        format!(
            "{HEAD}{NOW}; BEGIN TRANSACTION; \
             UPDATE [s1].t SET a = @P2, b = (@now + @P1), c = @@SPID WHERE d = @P2; SET @n = @@ROWCOUNT; \
             SELECT @n AS hearth_affected; \
             SELECT a FROM [s1].t WHERE b = @P3; SET @n = @@ROWCOUNT; SELECT @n AS hearth_affected; \
             IF @n = 0 SET @go = 0; \
             IF @go = 1 BEGIN UPDATE [s1].t SET a = @P4; SET @n = @@ROWCOUNT; IF @n = 0 BEGIN SET @n = 1; END; \
             SELECT @n AS hearth_affected; END; \
             IF @go = 1 BEGIN SELECT a FROM [s1].t WHERE b = @P5; SET @n = @@ROWCOUNT; SELECT @n AS hearth_affected; \
             IF @n = 0 SET @go = 0; END; \
             IF @go = 1 COMMIT TRANSACTION; ELSE ROLLBACK TRANSACTION;"
        )
    );
    let int = |number| Parameter::Int(Some(number));
    assert_eq!(
        batch.parameters,
        [int(-5), Parameter::Text("x"), int(7), Parameter::Int(None), Parameter::Bytes(&[1, 2])]
    );
}

#[test]
fn a_given_time_is_the_first_parameter() {
    let steps = steps();
    let batch = build("s1", &steps[..1], Frame::Bare, Some(Timestamp(77)));
    assert!(
        batch.text.starts_with(&format!("{HEAD}@P1; UPDATE [s1].t SET a = @P3, b = (@now + @P2),")),
        "{}",
        batch.text
    );
    assert!(!batch.text.contains("TRANSACTION"));
    assert_eq!(batch.parameters[0], Parameter::Int(Some(77)));
}

#[test]
fn long_operations_are_cut_into_parts_that_fit() {
    let steps: Vec<Step> = (0..100).map(|n| Step::new(&ASK, vec![i64::from(n).into()])).collect();
    assert!(!fits(&steps) && fits(&steps[..MOST_STEPS]));
    let cut: Vec<&[Step]> = parts(&steps).collect();
    assert_eq!(cut.iter().map(|part| part.len()).collect::<Vec<_>>(), [32, 32, 32, 4]);
    assert_eq!(parts(&[]).count(), 0);
    let wide: Vec<Step> = (0..3).map(|_| Step::new(&ASK, vec![Value::Int(0); 900])).collect();
    assert_eq!(parts(&wide).map(|part| part.len()).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_migration_is_cut_where_it_says_go() {
    assert_eq!(
        script("s", "CREATE TABLE $.a (x int);\nGO\n\nUPDATE $.a SET x = 1;\n"),
        ["CREATE TABLE [s].a (x int);\n", "\nUPDATE [s].a SET x = 1;\n"]
    );
}
