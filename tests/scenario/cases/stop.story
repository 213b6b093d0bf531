# The core goes while a REGISTER and an OPTIONS wait for answers: both get
# 503, and what comes later finds nobody (RFC 3261 21.5.4).
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@a>" expires=600
core< REGISTER token=T
core> 200 REGISTER expires=600
P1< 200 REGISTER
P1> REGISTER sip:example.com from=2001 to=sip:2001@example.com contact="<sip:2001@a>" expires=600
core< REGISTER
core> OPTIONS sip:$T@INSIDE.lineside
P1< OPTIONS
stop
P1< 503 REGISTER
core< 503 OPTIONS
core> 200 REGISTER
P1> 200 OPTIONS
