"""What makes the rules about changes one machine with those of lint: their subjects, shelf, findings and approvals."""
