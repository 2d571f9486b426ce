"""Running every process of the desk on one machine: `manage.py up` and `manage.py demo`."""
