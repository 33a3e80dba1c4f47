"""The fault suite: a whole house under load, its processes killed at random instants, and a checker that looks at everything afterwards."""
