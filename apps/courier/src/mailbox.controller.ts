import { Controller, Get, Header, Headers, Inject, NotFoundException, Param, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Mailbox } from '#channels';
import { MAILBOX } from '#channels';
import type { Locale } from '#domain';
import { contentSecurityPolicy, localeFor, mailboxPage, mailPage } from './mailbox.pages.js';
import { READER_LOCALE } from './tokens.js';

const mostListed = 200;

/** Shows the mails that stayed here because no mail server is set. */
@ApiExcludeController()
@Controller('mailbox')
export class MailboxController {
  constructor(
    @Inject(MAILBOX) private readonly mailbox: Mailbox,
    @Inject(READER_LOCALE) private readonly locale: Locale,
  ) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', contentSecurityPolicy)
  @Header('x-content-type-options', 'nosniff')
  @Header('cache-control', 'no-store')
  async list(@Query('lang') lang?: string, @Headers('accept-language') accepted?: string): Promise<string> {
    return mailboxPage(await this.mailbox.list(mostListed), localeFor(lang, accepted, this.locale));
  }

  @Get(':id')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', contentSecurityPolicy)
  @Header('x-content-type-options', 'nosniff')
  @Header('cache-control', 'no-store')
  async one(
    @Param('id') id: string,
    @Query('lang') lang?: string,
    @Headers('accept-language') accepted?: string,
  ): Promise<string> {
    const mail = await this.mailbox.read(id);
    if (mail === null) throw new NotFoundException('no such mail');
    return mailPage(mail, localeFor(lang, accepted, this.locale));
  }
}
