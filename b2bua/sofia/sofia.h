/*
 * The one door to Sofia's headers: its "magic" types are ours here, so that
 * callbacks take what they really get. Only files of the SIP port include
 * this; nothing from a su_home leaves them.
 */
#ifndef LINESIDE_B2BUA_SOFIA_H
#define LINESIDE_B2BUA_SOFIA_H

struct endpoint;
struct leg;
struct nta_rel;
struct out_req;
struct sip_txn;

#define NTA_AGENT_MAGIC_T struct endpoint
#define NTA_LEG_MAGIC_T struct leg
#define NTA_OUTGOING_MAGIC_T struct out_req
#define NTA_INCOMING_MAGIC_T struct sip_txn
#define NTA_RELIABLE_MAGIC_T struct nta_rel
#define SU_ROOT_MAGIC_T void
#define SU_TIMER_ARG_T void
#define SU_WAKEUP_ARG_T void

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_buffer.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/msg_mime.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
#include <sofia-sip/url.h>

#endif
