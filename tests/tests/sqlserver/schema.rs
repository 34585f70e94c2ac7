//! A schema of its own on the server that the tests are given.

use tiberius::{Client, Config};
use tokio::net::TcpStream;
use tokio_util::compat::TokioAsyncWriteCompatExt;

pub(crate) const SERVER: &str = "HEARTH_TEST_SQLSERVER";

pub(crate) struct Schema(String);

impl Schema {
    /// One that nobody has: this process begins with none.
    pub(crate) fn unused() -> Self {
        let started = std::fs::metadata("/proc/self").unwrap().modified().unwrap();
        let moment = started.duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
        Self(format!("hearth_up_{}_{moment}", std::process::id()))
    }

    /// The connection string, with this schema.
    pub(crate) fn text(&self) -> String {
        format!("{};Schema={}", server().trim_end_matches(';'), self.0)
    }

    /// The password of the connection string.
    pub(crate) fn password(&self) -> String {
        let text = server();
        let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
        let mut passwords = pairs.filter(|(key, _)| ["password", "pwd"].contains(&key.trim().to_lowercase().as_str()));
        passwords.next().expect("a connection string with a password").1.to_owned()
    }

    /// Drops it with its tables.
    pub(crate) fn remove(self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let config = Config::from_ado_string(&server()).unwrap();
            let socket = TcpStream::connect(config.get_addr()).await.unwrap();
            let mut connection = Client::connect(config, socket.compat_write()).await.unwrap();
            let query =
                "SELECT t.name FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = @P1";
            let rows = connection.query(query, &[&self.0]).await.unwrap().into_first_result().await.unwrap();
            let tables = rows.iter().map(|row| format!("DROP TABLE [{}].[{}]", self.0, row.get::<&str, _>(0).unwrap()));
            for text in tables.chain([format!("DROP SCHEMA [{}]", self.0)]) {
                connection.simple_query(text).await.unwrap().into_results().await.unwrap();
            }
        });
    }
}

fn server() -> String {
    std::env::var(SERVER).unwrap()
}
