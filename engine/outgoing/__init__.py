"""What leaves the house: mails and webhooks. Each is a job, written with the command that it tells of, and delivered
afterwards: at least once, under an id that a receiver can know it by."""
