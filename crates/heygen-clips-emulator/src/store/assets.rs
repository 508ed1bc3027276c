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
    pub(crate) seq: i64,
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
// Its bytes are gone. That a video of its name was here is still of use, see `Store::transcript_of`.
const DELETED: &str = "deleted";

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
        sqlx::query_as("select * from assets where id = ? and status <> ?")
            .bind(id)
            .bind(DELETED)
            .fetch_optional(&self.pool)
            .await
    }

    /// The newest asset `STEM.ending` that goes with a video.
    ///
    /// Names come again: one person's `talk.mp4` is not another's. So a transcript goes with the
    /// first video `STEM` or `STEM.*` that came after it, whatever became of that one; and with the
    /// last before it only for as long as none came after.
    pub(crate) async fn transcript_of(
        &self,
        video: &AssetRow,
        stem: &str,
        ending: &str,
    ) -> Stored<Option<AssetRow>> {
        sqlx::query_as(
            "with videos as (
                 select seq from assets
                 where mime_type like 'video/%' and status <> ?4
                   and (name = ?1 or (substr(name, 1, length(?1) + 1) = ?1 || '.'
                                      and instr(substr(name, length(?1) + 2), '.') = 0))
             )
             select * from assets
             where name = ?1 || '.' || ?2 and status = ?5
               and seq > coalesce((select max(seq) from videos where seq < ?3), 0)
               and (seq < ?3 or not exists (select 1 from videos where seq > ?3))
             order by seq desc limit 1",
        )
        .bind(stem)
        .bind(ending)
        .bind(video.seq)
        .bind(AWAITED)
        .bind(READY)
        .fetch_optional(&self.pool)
        .await
    }

    /// Removes an asset. `false` when there is none.
    pub(crate) async fn remove_asset(&self, id: &str) -> Stored<bool> {
        let Change(mut tx) = self.change().await?;
        let forgotten = sqlx::query("delete from assets where id = ? and status = ?")
            .bind(id)
            .bind(AWAITED)
            .execute(&mut *tx)
            .await?;
        let deleted = sqlx::query("update assets set status = ? where id = ? and status = ?")
            .bind(DELETED)
            .bind(id)
            .bind(READY)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(forgotten.rows_affected() + deleted.rows_affected() == 1)
    }
}
