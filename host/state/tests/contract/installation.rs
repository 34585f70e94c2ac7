//! Installation values: made once, whoever asks.

use crate::fixture::Fixture;

crate::on_every_engine!(a_value_is_made_once, the_schema_version_is_known);

async fn a_value_is_made_once(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    let tasks: Vec<_> = (0..16_u8)
        .map(|index| {
            let installation = handles[usize::from(index) % 2].installation();
            tokio::spawn(async move { installation.get_or_create("admin-key", || vec![index; 4]).await.unwrap() })
        })
        .collect();
    let mut values = Vec::new();
    for task in tasks {
        values.push(task.await.unwrap());
    }
    assert!(values.iter().all(|value| *value == values[0]));
    let installation = handles[0].installation();
    assert_eq!(installation.get_or_create("admin-key", || unreachable!("it is there")).await.unwrap(), values[0]);
    assert_eq!(installation.get_or_create("other", Vec::new).await.unwrap(), Vec::<u8>::new());
}

async fn the_schema_version_is_known(fixture: Fixture) {
    let first = fixture.open().await.installation().schema_version().await.unwrap();
    assert_eq!(first as usize, crate::upgrade::steps().len());
    assert_eq!(fixture.open().await.installation().schema_version().await.unwrap(), first);
}
