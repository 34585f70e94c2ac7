//! What certificates are trusted: those that the system's authorities vouch for, or, where that is asked for, any that a service on
//! this machine shows.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};

use crate::is_loopback;

/// Trusts whom the system trusts. The error says what is missing.
pub(crate) fn of_system() -> Result<ClientConfig, String> {
    install_provider();
    let builder = ClientConfig::builder().with_native_roots().map_err(|error| {
        format!("no trusted certificates were found ({error}); install ca-certificates or set SSL_CERT_FILE")
    })?;
    Ok(builder.with_no_client_auth())
}

/// Trusts any certificate of this machine's addresses and none of others.
pub(crate) fn of_this_machine() -> Result<ClientConfig, String> {
    install_provider();
    let provider = CryptoProvider::get_default().ok_or("there is no cryptography provider")?.clone();
    Ok(ClientConfig::builder()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(ThisMachine(provider)))
        .with_no_client_auth())
}

fn install_provider() {
    // Another part of the process may have chosen the provider already; either serves.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Takes any certificate for names that lead nowhere but to this machine. That the other side holds the certificate's key is
/// verified all the same.
#[derive(Debug)]
struct ThisMachine(Arc<CryptoProvider>);

impl ServerCertVerifier for ThisMachine {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match is_loopback(&name.to_str()) {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
