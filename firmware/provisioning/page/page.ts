/**
 * What the set-up page shows: the names that `page.html` uses, from the portal's model. `template.ts`
 * escapes every value, and the model gives no secret, so none can reach the page.
 */

import { isValidUtf8 } from '../../base/utf8.ts';
import { CHECK_STAGES, type PortalModel } from '../model.ts';
import { isText, type Scope, type Table, type TemplateView, utf8Bytes } from './template.ts';

const SSID_BYTES_MAX = 32;

/** The form, with what came of the last one; or a page of its own. */
export type PageMode = 'form' | 'running' | 'saved' | 'done' | 'reset';

/** Said above the form: sent too often; sent by the page of an earlier boot; RESET not typed. */
export type PageNotice = '' | 'slow' | 'stale' | 'confirm';

/** One page, as things stand when it is made: a check that goes on does not change it half-way. */
export class PageView implements TemplateView {
  readonly root: Scope;
  private readonly model: PortalModel;
  private readonly words: Table;

  constructor(model: PortalModel, words: Table, mode: PageMode, notice: PageNotice) {
    this.model = model;
    this.words = words;
    const { title, token, check, problems, information, findings } = model;
    const network = listOf(model, hexOf(model.value('ssid')));
    const { state, failure } = check;
    const isFailed = state === 'failed' && problems.length === 0;
    this.root = {
      [mode]: true,
      [notice]: true,
      title: utf8Bytes(title),
      token,
      notice,
      failed: isFailed,
      failure,
      wrong: problems.length > 0,
      result: isFailed || notice !== '' || problems.length > 0,
      problem: problems,
      stage: stagesOf(CHECK_STAGES.indexOf(check.stage), mode === 'running'),
      network,
      ssid: network.some(isChosen) ? undefined : model.value('ssid'),
      found: findings?.map(({ sensor, fact }) => ({ sensor, fact: utf8Bytes(fact) })),
      bare: findings?.length === 0,
      info: information.map(([info, text]) => ({
        info,
        fact: utf8Bytes(text),
        cause: info === 'reset' && words.find(`cause ${text}`) ? text : '',
      })),
    };
  }

  field(field: string): Scope {
    const { model, words } = this;
    const problem = model.problems.find((problem) => problem.field === field);
    const hint = words.find(`hint ${field}`);
    return {
      ...problem,
      field,
      value: model.value(field),
      kept: model.hasSecret(field),
      hint,
      note: hint || problem,
    };
  }

  /** `is` field value; or `in` fields: whether one of them has a problem. */
  test(condition: string): boolean {
    const of = condition.split(' ');
    const { problems } = this.model;
    if (of[0] === 'in') return problems.some((problem) => of.includes(problem.field));
    return isText(this.model.value(of[1]), of[2]);
  }
}

/** Each with how it stands: passed, under way or failed, or still to come. */
const stagesOf = (at: number, isRunning: boolean): Scope[] =>
  CHECK_STAGES.map((stage, i) => ({
    stage,
    mark: i < at ? 'done' : i > at ? '' : isRunning ? 'now' : 'bad',
    stopped: i === at && !isRunning,
  }));

/** The networks as they are listed, strongest first. */
const listOf = (model: PortalModel, chosen: string): Scope[] => {
  const list: Scope[] = model.networks.map((network) => {
    const { ssid, rssi, secure } = network;
    const hex = hexOf(ssid);
    const level = rssi < -78 ? 1 : rssi < -67 ? 2 : rssi < -55 ? 3 : 4;
    return { network: ssid, hex, secure, level, chosen: hex === chosen };
  });
  // A name that cannot be typed must be on the list, or it would be lost with the next form.
  const ssid = model.value('ssid');
  const isTypable =
    isValidUtf8(ssid, 0, ssid.length) && ssid.every((byte) => byte > 0x1f && byte !== 0x7f);
  if (!isTypable && !list.some(isChosen)) {
    list.unshift({ network: ssid, hex: chosen, chosen: true, secure: true });
  }
  return list;
};

const isChosen = (network: Scope): boolean => network.chosen === true;

/** What is longer is no network's name, and is refused. */
const hexOf = (bytes: Uint8Array): string => {
  const length = Math.min(bytes.length, SSID_BYTES_MAX + 1);
  let hex = '';
  for (let i = 0; i < length; i += 1) hex += (bytes[i] + 256).toString(16).slice(1);
  return hex;
};
