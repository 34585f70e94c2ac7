//! Packages: whole or invisible, checked, shared by digest, and collected when nothing refers to them.

use hearth_state::{COLLECT_GRACE, StateError};

use crate::fixture::{Fixture, app, digest, new_deployment};

crate::on_every_engine!(
    a_package_comes_back_as_it_was,
    lies_about_size_or_digest_are_refused,
    many_puts_of_one_digest,
    unreferenced_packages_are_collected,
);

fn bytes(length: usize) -> Vec<u8> {
    // The pattern's length is prime, so that no two chunks are alike.
    (0..251).cycle().take(length).collect()
}

async fn fetched(packages: &hearth_state::Packages, content: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    packages.fetch(&digest(content), &mut out).await.unwrap().then_some(out)
}

async fn a_package_comes_back_as_it_was(fixture: Fixture) {
    let packages = fixture.open().await.packages();
    for length in [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20] {
        let content = bytes(length);
        assert_eq!(fetched(&packages, &content).await, None);
        packages.put(&digest(&content), length as u64, content.as_slice()).await.unwrap();
        packages.put(&digest(&content), length as u64, b"not read".as_slice()).await.unwrap();
        assert!(packages.exists(&digest(&content)).await.unwrap());
        assert!(fetched(&packages, &content).await.unwrap() == content, "{length} bytes");
    }
}

async fn lies_about_size_or_digest_are_refused(fixture: Fixture) {
    let packages = fixture.open().await.packages();
    let content = bytes(1_500_000);
    let other = bytes(1_499_999);
    for (size, sent) in [(1_499_999, &content), (1_500_001, &content), (1_499_999, &other)] {
        let refused = packages.put(&digest(&content), size, sent.as_slice()).await.unwrap_err();
        assert!(matches!(refused, StateError::Rejected(_)), "{refused}");
        assert!(!packages.exists(&digest(&content)).await.unwrap());
        assert_eq!(fetched(&packages, &content).await, None);
    }
    let cut = broken_reader(content[..1_200_000].to_vec());
    let refused = packages.put(&digest(&content), 1_500_000, cut).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be read: connection reset"), "{refused}");
    packages.put(&digest(&content), 1_500_000, content.as_slice()).await.unwrap();
    assert!(fetched(&packages, &content).await.unwrap() == content);
}

/// A reader that fails after its bytes.
fn broken_reader(sent: Vec<u8>) -> impl tokio::io::AsyncRead + Unpin {
    struct Failing(std::io::Cursor<Vec<u8>>);
    impl tokio::io::AsyncRead for Failing {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            context: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            let before = buffer.filled().len();
            let polled = std::pin::Pin::new(&mut self.0).poll_read(context, buffer);
            if buffer.filled().len() == before {
                return std::task::Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()));
            }
            polled
        }
    }
    Failing(std::io::Cursor::new(sent))
}

async fn many_puts_of_one_digest(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    let content = bytes(2_500_000);
    let tasks: Vec<_> = (0..8)
        .map(|index| {
            let (packages, content) = (handles[index % 2].packages(), content.clone());
            tokio::spawn(async move {
                // Every fourth one lies; it must not spoil the package of the others.
                let mut sent = content.clone();
                sent[index] ^= u8::from(index % 4 == 3);
                packages.put(&digest(&content), content.len() as u64, sent.as_slice()).await
            })
        })
        .collect();
    for task in tasks {
        if let Err(error) = task.await.unwrap() {
            assert!(matches!(error, StateError::Rejected(_)), "{error}");
        }
    }
    assert!(fetched(&handles[1].packages(), &content).await.unwrap() == content);
    fixture.clock.advance(COLLECT_GRACE * 2);
    assert_eq!(handles[0].packages().collect_unreferenced().await.unwrap(), 1);
}

async fn unreferenced_packages_are_collected(fixture: Fixture) {
    let database = fixture.open().await;
    let packages = database.packages();
    let (kept, dropped) = (b"package".to_vec(), bytes(20 << 20));
    for content in [&kept, &dropped] {
        packages.put(&digest(content), content.len() as u64, content.as_slice()).await.unwrap();
    }
    database.apps().create(&app("shop"), b"").await.unwrap();
    database.deployments().insert(&new_deployment("shop", 1)).await.unwrap();
    assert_eq!(packages.collect_unreferenced().await.unwrap(), 0, "too young");
    fixture.clock.advance(COLLECT_GRACE * 2);
    packages.put(&digest(&dropped), dropped.len() as u64, b"".as_slice()).await.unwrap();
    assert_eq!(packages.collect_unreferenced().await.unwrap(), 0, "wanted again");
    fixture.clock.advance(COLLECT_GRACE * 2);
    assert_eq!(packages.collect_unreferenced().await.unwrap(), 1);
    assert_eq!(fetched(&packages, &dropped).await, None);
    assert_eq!(fetched(&packages, &kept).await, Some(kept));

    database.apps().delete(&app("shop")).await.unwrap();
    assert_eq!(packages.collect_unreferenced().await.unwrap(), 1);
    assert_eq!(packages.collect_unreferenced().await.unwrap(), 0);
}
