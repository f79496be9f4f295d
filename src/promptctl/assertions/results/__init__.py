"""What the results of assertions come to, case by case: read by runs and by the gate alike."""
