/* Compiled and linked to find out whether this machine's compiler can build the host. */
#include <math.h>
#include <stdio.h>

int main(void)
{
	return printf("%d\n", (int)sqrt(4.0)) < 0;
}
