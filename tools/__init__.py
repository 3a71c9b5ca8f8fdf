"""Set-up: what makes a checkout ready to run. Standard library only, because it runs before anything is installed."""
