//! Uploaded files. The bytes lie in the data folder under the asset's id; the row says what they are.

use sqlx::FromRow;

use super::{Change, Store, Stored};

/// An asset to be stored.
#[derive(Debug)]
pub(crate) struct NewAsset {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) mime_type: String,
    pub(crate) size_bytes: i64,
    pub(crate) checksum_sha256: Option<String>,
    /// Whether the bytes are there; a direct upload begins without.
    pub(crate) ready: bool,
    pub(crate) created_at: i64,
}

/// A stored asset.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct AssetRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) mime_type: String,
    pub(crate) size_bytes: i64,
    pub(crate) checksum_sha256: Option<String>,
    pub(crate) status: String,
    pub(crate) created_at: i64,
}

impl AssetRow {
    /// Whether the bytes are there and checked.
    pub(crate) fn is_ready(&self) -> bool {
        self.status == READY
    }
}

const READY: &str = "ready";
const AWAITED: &str = "awaited";

impl Change {
    /// Stores an asset.
    pub(crate) async fn insert_asset(&mut self, asset: &NewAsset) -> Stored<()> {
        sqlx::query(
            "insert into assets (id, name, mime_type, size_bytes, checksum_sha256, status, created_at)
             values (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&asset.id)
        .bind(&asset.name)
        .bind(&asset.mime_type)
        .bind(asset.size_bytes)
        .bind(&asset.checksum_sha256)
        .bind(if asset.ready { READY } else { AWAITED })
        .bind(asset.created_at)
        .execute(&mut *self.0)
        .await
        .map(drop)
    }

    /// Says that the bytes of a direct upload are there and of what kind they are.
    pub(crate) async fn complete_asset(&mut self, id: &str, mime_type: &str) -> Stored<()> {
        sqlx::query("update assets set status = 'ready', mime_type = ? where id = ?")
            .bind(mime_type)
            .bind(id)
            .execute(&mut *self.0)
            .await
            .map(drop)
    }
}

impl Store {
    /// An asset by id.
    pub(crate) async fn asset(&self, id: &str) -> Stored<Option<AssetRow>> {
        sqlx::query_as("select * from assets where id = ?")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
    }

    /// The newest ready asset of a name.
    pub(crate) async fn asset_named(&self, name: &str) -> Stored<Option<AssetRow>> {
        sqlx::query_as(
            "select * from assets where name = ? and status = 'ready' order by seq desc limit 1",
        )
        .bind(name)
        .fetch_optional(&self.pool)
        .await
    }

    /// Removes an asset. `false` when there is none.
    pub(crate) async fn remove_asset(&self, id: &str) -> Stored<bool> {
        let removed = sqlx::query("delete from assets where id = ?")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(removed.rows_affected() == 1)
    }
}
