"""What `quickstart`, `check`, `Scripts/prosody`, `Scripts/ejabberd` and the tests with real servers share.

Python's standard library only, so that it runs on a fresh Debian 12.
"""
