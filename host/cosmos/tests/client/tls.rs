//! The store behind TLS with a certificate that nobody vouches for.

use std::sync::Arc;

use hearth_cosmos::{CosmosClient, CosmosConnection, CosmosErrorKind};
use hearth_model::clock::SystemClock;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::served::Served;

/// A way to the store over TLS; returns its port.
async fn over_tls(served: &Served) -> u16 {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let to = served.endpoint.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, to) = (acceptor.clone(), to.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut plain = TcpStream::connect(to).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut plain).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_certificate_of_this_machine_is_taken_where_the_connection_says_so() {
    let served = Served::start().await;
    served.client().database("shop").create_if_missing().await.unwrap();
    let port = over_tls(&served).await;
    for host in ["localhost", "127.0.0.1"] {
        let text = format!("AccountEndpoint=https://{host}:{port}/;AccountKey={};", served.key);
        let database = async |text: &str| {
            let connection: CosmosConnection = text.parse().unwrap();
            CosmosClient::new(&connection, Arc::new(SystemClock)).database("shop").read().await
        };
        let read = database(&format!("{text}DisableServerCertificateValidation=true")).await.unwrap();
        assert_eq!(read.id, "shop");
        let error = database(&text).await.unwrap_err();
        assert_eq!(error.kind, CosmosErrorKind::Denied, "{error}");
        assert!(error.to_string().contains("DisableServerCertificateValidation=true"), "{error}");
    }
}
