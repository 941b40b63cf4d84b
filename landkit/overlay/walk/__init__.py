"""The walk round each parcel along a control line (沿线量测): how near, how deep, how wide apart; compiled, many parcels at once.

`profile` is what others call.  Behind it, compiled: `parcels` walks, `meeting` finds what a line and a parcel share, `stretches`
the runs along it, `near` and `sight` the edges that are nearest, `columns` names what is filled in.
"""
