use purser_journal::{Charter, Credential, Fact, Role, SignedCredential, from_cbor};
use purser_storage::DirectoryRow;
use purser_types::{ReplicaId, is_host_port};

use crate::{
    Refusal, Replica, Transaction,
    draft::{Draft, Plan},
};

impl Transaction<'_> {
    /// Makes a replica part of the city. An invitation serves one replica; that replica may ask
    /// again when the answer got lost.
    pub(crate) fn plan_enrolment(
        &mut self,
        signed: &SignedCredential,
        invitation: [u8; 16],
    ) -> Result<Plan, Refusal> {
        self.require_hub()?;
        let state = &self.replica.state;
        let credential = signed.verify(&state.charter).map_err(|_| Refusal::OutOfRange {
            what: "credential",
            range: "one signed by this chain's authority",
        })?;
        let replica = credential.replica;
        if let Some(invited) = state.database.invited(invitation)? {
            if invited != replica {
                return Err(Refusal::InvitationUsed);
            }
            if let Some(seq) = state.database.enrolment_by(state.my_number, replica)? {
                return Ok(Plan::Done { seq });
            }
        }
        let tag_taken = |other: ReplicaId| other != replica && other.tag() == replica.tag();
        let known = state.authors.tagged(replica.tag()).is_some_and(tag_taken);
        if known || state.database.directory()?.iter().any(|row| tag_taken(row.replica)) {
            return Err(Refusal::TagTaken);
        }
        Ok(Plan::Write(Draft::of([Fact::Enrolled { credential: signed.clone(), invitation }])))
    }

    pub(crate) fn plan_announcement(address: &str) -> Result<Draft, Refusal> {
        if !is_host_port(address) {
            return Err(Refusal::OutOfRange {
                what: "address",
                range: "host:port of at most 255 characters",
            });
        }
        Ok(Draft::of([Fact::Address(address.to_owned())]))
    }

    pub(crate) fn require_hub(&self) -> Result<(), Refusal> {
        let hub = self.replica.me().credential.role == Role::Hub;
        if hub { Ok(()) } else { Err(Refusal::NotAHub) }
    }
}

/// Who a replica is, as a hub enrolled it.
pub(crate) fn credential_of(row: &DirectoryRow, charter: &Charter) -> Option<Credential> {
    let signed = from_cbor::<SignedCredential>("credential", row.enrolled.as_ref()?).ok()?;
    signed.verify(charter).ok()
}

impl Replica {
    /// How often the shop `store` has enrolled: the life of the next replica there.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn lives_of(&self, store: purser_types::StoreNumber) -> Result<usize, purser_storage::StorageError> {
        let mut lives = 0;
        for row in self.state.database.directory()? {
            let credential = credential_of(&row, &self.state.charter);
            lives += usize::from(credential.is_some_and(|credential| credential.store == store));
        }
        Ok(lives)
    }
}
