# The same by a caller who insists on reliable responses.
P1> INVITE sip:3000@example.com from=2001 sdp=secure +Require="100rel" +Allow="INVITE, UPDATE, PRACK"
core< INVITE
