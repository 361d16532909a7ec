/** DNS datagrams and their answers, in hex; `reply` is '' where there is none. */

export interface DnsVector {
  readonly title: string;
  readonly query: string;
  readonly reply: string;
}

const GOOGLE = '03 777777 06 676f6f676c65 03 636f6d 00';
const ANSWER = 'c00c 0001 0001 0000000a 0004 c0a80401';
/** Flags of a query that wants recursion, one question. */
const ASKS = '0100 0001 0000 0000 0000';
/** Flags of its reply: response, authoritative, recursion desired and available. */
const ANSWERED = '8580 0001 0001 0000 0000';
const EMPTY = '8580 0001 0000 0000 0000';
const LABEL_63 = `3f ${'61'.repeat(63)}`;

export const DNS_VECTORS: readonly DnsVector[] = [
  {
    title: 'an A question gets the address',
    query: `1234 ${ASKS} ${GOOGLE} 0001 0001`,
    reply: `1234 ${ANSWERED} ${GOOGLE} 0001 0001 ${ANSWER}`,
  },
  {
    title: 'without recursion desired, none is said to be',
    query: `1234 0000 0001 0000 0000 0000 ${GOOGLE} 0001 0001`,
    reply: `1234 8480 0001 0001 0000 0000 ${GOOGLE} 0001 0001 ${ANSWER}`,
  },
  {
    title: 'the case of a name is kept (0x20 encoding)',
    query: `ffff ${ASKS} 03 57774f 02 6346 00 0001 0001`,
    reply: `ffff ${ANSWERED} 03 57774f 02 6346 00 0001 0001 ${ANSWER}`,
  },
  {
    title: 'EDNS0 is tolerated, and not repeated',
    query: `0001 0120 0001 0000 0000 0001 ${GOOGLE} 0001 0001 00 0029 1000 00000000 000c 000a 0008 0102030405060708`,
    reply: `0001 8580 0001 0001 0000 0000 ${GOOGLE} 0001 0001 ${ANSWER}`,
  },
  {
    title: 'AAAA gets no answer, but a reply',
    query: `0002 ${ASKS} ${GOOGLE} 001c 0001`,
    reply: `0002 ${EMPTY} ${GOOGLE} 001c 0001`,
  },
  {
    title: 'HTTPS gets no answer, but a reply',
    query: `0003 ${ASKS} ${GOOGLE} 0041 0001`,
    reply: `0003 ${EMPTY} ${GOOGLE} 0041 0001`,
  },
  {
    title: 'ANY gets the address',
    query: `0004 ${ASKS} ${GOOGLE} 00ff 0001`,
    reply: `0004 ${ANSWERED} ${GOOGLE} 00ff 0001 ${ANSWER}`,
  },
  {
    title: 'another class gets no answer, but a reply',
    query: `0005 ${ASKS} ${GOOGLE} 0001 0003`,
    reply: `0005 ${EMPTY} ${GOOGLE} 0001 0003`,
  },
  {
    title: 'the root is a name too',
    query: `0006 ${ASKS} 00 0001 0001`,
    reply: `0006 ${ANSWERED} 00 0001 0001 ${ANSWER}`,
  },
  {
    title: 'bytes behind the question are ignored',
    query: `0007 ${ASKS} ${GOOGLE} 0001 0001 dead beef`,
    reply: `0007 ${ANSWERED} ${GOOGLE} 0001 0001 ${ANSWER}`,
  },
  {
    title: 'a label of 63 bytes and a name of 255',
    query: `0008 ${ASKS} ${LABEL_63}${LABEL_63}${LABEL_63} 3d ${'62'.repeat(61)} 00 0001 0001`,
    reply: `0008 ${ANSWERED} ${LABEL_63}${LABEL_63}${LABEL_63} 3d ${'62'.repeat(61)} 00 0001 0001 ${ANSWER}`,
  },
  {
    title: 'a name of 256 bytes is dropped',
    query: `0008 ${ASKS} ${LABEL_63}${LABEL_63}${LABEL_63} 3e ${'62'.repeat(62)} 00 0001 0001`,
    reply: '',
  },
  {
    title: 'a label of 64 bytes is dropped',
    query: `0009 ${ASKS} 40 ${'61'.repeat(64)} 00 0001 0001`,
    reply: '',
  },
  { title: 'a compressed name is dropped', query: `000a ${ASKS} c00c 0001 0001`, reply: '' },
  { title: 'a name without an end is dropped', query: `000b ${ASKS} 03 777777`, reply: '' },
  { title: 'a label that is cut off is dropped', query: `000b ${ASKS} 09 777777`, reply: '' },
  {
    title: 'a question without a class is dropped',
    query: `000c ${ASKS} ${GOOGLE} 0001`,
    reply: '',
  },
  { title: 'a header without a question is dropped', query: `000d ${ASKS}`, reply: '' },
  { title: 'a header that is cut off is dropped', query: '000e 0100 0001 0000 0000 00', reply: '' },
  { title: 'nothing at all is dropped', query: '', reply: '' },
  {
    title: 'a response is dropped',
    query: `000f 8180 0001 0000 0000 0000 ${GOOGLE} 0001 0001`,
    reply: '',
  },
  {
    title: 'a status request is not implemented',
    query: `0010 1100 0001 0000 0000 0000 ${GOOGLE} 0001 0001`,
    reply: '0010 9584 0000 0000 0000 0000',
  },
  {
    title: 'an update is not implemented, whatever it holds',
    query: '0011 2800 0001 0001 ffff 0000 c0',
    reply: '0011 ac84 0000 0000 0000 0000',
  },
  {
    title: 'no question is a format error',
    query: '0012 0100 0000 0000 0000 0000',
    reply: '0012 8581 0000 0000 0000 0000',
  },
  {
    title: 'two questions are a format error',
    query: `0013 0100 0002 0000 0000 0000 ${GOOGLE} 0001 0001 c00c 001c 0001`,
    reply: '0013 8581 0000 0000 0000 0000',
  },
];
