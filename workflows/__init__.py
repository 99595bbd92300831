"""What permanence planning means: working days, deadlines with their sentences, who gets work."""
