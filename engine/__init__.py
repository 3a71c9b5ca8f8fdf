"""Runs processes: definitions, instances, tasks, jobs, messages, history, people, calendars and their persistence."""
