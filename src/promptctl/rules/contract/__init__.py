"""Rules about the contract: names, versions, owners, schemas."""
