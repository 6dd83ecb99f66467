"""Subscriptions: who wants to be told of what, and telling them, outside of any request.

The log of versions is the queue that everything is worked out from, so a write costs nothing more: `watching` reads
on in it and notes what each subscriber is to be told, `rounds` tells them, both in a thread that `deliverer` runs in
whichever process holds the world's lease. What is noted lies in the world's file and outlives every process.
"""
