/*
 * Holds lwIP's thread where it is: it works with this lock taken. Nothing that waits for the thread
 * may be called in between. Without CONFIG_LWIP_TCPIP_CORE_LOCKING the lock would be empty.
 */
#include "lwip/tcpip.h"

#if !LWIP_TCPIP_CORE_LOCKING
#error CONFIG_LWIP_TCPIP_CORE_LOCKING is needed
#endif

void mote_tcpip_hold(void)
{
	LOCK_TCPIP_CORE();
}

void mote_tcpip_release(void)
{
	UNLOCK_TCPIP_CORE();
}
