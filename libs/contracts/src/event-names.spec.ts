import { eventTypes } from '#domain';
import { closestEventType, eventTypeNamed } from './event-names.js';

describe('names of event types', () => {
  it.each([
    ['Application Opened', 'app_open'],
    ['Application Installed', 'app_install'],
    ['Application Crashed', 'crash'],
    ['Application Uninstalled', 'app_remove'],
    ['Order Completed', 'order'],
    ['Order Refunded', 'refund'],
    ['Product Viewed', 'page_view'],
    ['Product Added', 'add_to_cart'],
    ['Products Searched', 'search'],
    ['Signed In', 'login'],
    ['first_open', 'app_install'],
    ['session_start', 'session_start'],
    ['app_exception', 'crash'],
    ['in_app_purchase', 'order'],
    ['purchase', 'order'],
    ['refund', 'refund'],
    ['login', 'login'],
    ['search', 'search'],
    ['screen_view', 'page_view'],
    ['app_remove', 'app_remove'],
    ['orderCompleted', 'order'],
    ['  ORDER-completed ', 'order'],
  ])('%s is %s', (name, type) => {
    expect(eventTypeNamed(name)).toBe(type);
  });

  it('every type of ours has its own name', () => {
    for (const type of eventTypes) expect(eventTypeNamed(type)).toBe(type);
  });

  it('a name of an object’s own machinery is no type', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) expect(eventTypeNamed(name)).toBeUndefined();
  });

  it('offers the closest known name, or none when all are far', () => {
    expect(closestEventType('paymnet_faild')).toBe('payment_failed');
    expect(closestEventType('Order Complete')).toBe('order');
    expect(closestEventType('zzz')).toBeUndefined();
  });
});
