//! What a receipt says of an entry.

use std::sync::Arc;

use purser_documents::CardState;
use purser_journal::{
    Entry, Fact, PassBackFact, PassSoldFact, Receipt as Key, ReturnFact, RewardFact, SaleDetail, SaleFact,
    TopUpBackFact, TopUpFact,
};
use purser_ledger::{Asset, Posting};
use purser_programme::{Account, Held, Label, Language, Parts, Programme, Receipt, ReceiptKind, ReceiptLine};
use purser_replica::View;
use purser_types::{BusinessDate, Fen, MemberId, SaleId};

use crate::problem::Problem;

/// A receipt for an entry, if it is something that has one.
pub(crate) fn printed(
    view: &mut View,
    entry: &Entry,
    now_ms: u64,
    language: Language,
) -> Result<Option<Receipt>, Problem> {
    let programme = view.programme_of(entry.programme_version)?;
    let mut print = Print { view, entry, programme, now_ms, language };
    for fact in &entry.facts {
        let receipt = match fact {
            Fact::Sale(sale) => print.sale(sale)?,
            Fact::Return(back) => print.taken_back(back)?,
            Fact::TopUp(top_up) => print.top_up(top_up)?,
            Fact::TopUpBack(back) => print.top_up_back(back)?,
            Fact::PassSold(sold) => print.pass(sold)?,
            Fact::PassBack(back) => print.pass_back(back)?,
            Fact::Reward(reward) => print.reward(reward)?,
            _ => continue,
        };
        return Ok(Some(receipt));
    }
    Ok(None)
}

struct Print<'a> {
    view: &'a mut View,
    entry: &'a Entry,
    programme: Arc<Programme>,
    now_ms: u64,
    language: Language,
}

/// What somebody holds: of what, how much, until when.
type Holding = (Asset, i64, Option<BusinessDate>);

impl Print<'_> {
    fn sale(&mut self, sale: &SaleFact) -> Result<Receipt, Problem> {
        let detail = self.view.sale_detail(SaleId::created_by(self.entry.id()))?;
        let parts = parts(sale.principal, sale.bonus);
        let key = (sale.till.as_str(), sale.check.as_str(), sale.date);
        let mut account = self.account(sale.member, Some(sale.points_after), detail.as_ref())?;
        account.earned = sale.points_earned;
        account.earned_until = self.earned_until(sale.member);
        let lines = match &detail {
            Some(detail) => detail.lines.iter().map(|line| self.marked(line_of(line))).collect(),
            None => vec![whole(self.language.pick("商品", "Goods"), sale.gross, sale.price())],
        };
        let is_invoiced = parts != Parts::default() && self.invoices_at_top_up();
        let no_invoice = is_invoiced.then(|| {
            self.language.pick("储值支付部分已于充值时开票", "Stored value was invoiced when it was paid in")
        });
        let taken_off = match &detail {
            Some(detail) => {
                detail.taken_off.iter().map(|taken| (self.label(&taken.rule), taken.off)).collect()
            }
            None => Vec::from_iter(reduction(sale.gross, sale.price())),
        };
        Ok(Receipt {
            lines,
            taken_off,
            cut: detail.as_ref().map_or(Fen(0), |detail| detail.cut),
            total: sale.price(),
            points: (sale.points_redeemed, sale.discount),
            stored_value: parts,
            money: sale.money(),
            account: Some(account),
            signature: parts != Parts::default(),
            explanation: no_invoice.into_iter().map(str::to_owned).collect(),
            ..self.blank(ReceiptKind::Sale, sale.store.0, key)?
        })
    }

    fn taken_back(&mut self, back: &ReturnFact) -> Result<Receipt, Problem> {
        let sold_by = self.view.sale(back.sale).map(|(sale, _)| sale.check).unwrap_or_default();
        let detail = self.view.sale_detail(back.sale)?;
        let key = (back.till.as_str(), back.check.as_str(), back.date);
        let price = back.price();
        let mut account = self.account(back.member, Some(back.points_after), None)?;
        account.earned = back.points_clawed_back;
        let parts = parts(back.principal, back.bonus);
        let worth = Fen(price.0.saturating_sub(back.refund.0).saturating_sub(parts.sum().0));
        let lines = back.lines.as_deref().zip(detail.as_ref()).map(|(lines, detail)| {
            let line = |returned: &purser_journal::LineReturned| {
                let sold = detail.lines.get((returned.line as usize).checked_sub(1)?)?;
                Some(part_of(&self.marked(line_of(sold)), returned.pieces))
            };
            lines.iter().filter_map(line).collect::<Vec<_>>()
        });
        let whole = || vec![whole(self.language.pick("退货", "Goods returned"), back.gross, price)];
        Ok(Receipt {
            lines: lines.filter(|lines| !lines.is_empty()).unwrap_or_else(whole),
            taken_off: Vec::from_iter(reduction(back.gross, price)),
            total: price,
            points: (back.points_restored, worth),
            stored_value: parts,
            money: back.refund,
            account: Some(account),
            ..self.blank(ReceiptKind::Return { sold_by }, back.store.0, key)?
        })
    }

    /// Whether what stored value pays was invoiced when it was paid in.
    fn invoices_at_top_up(&self) -> bool {
        self.programme.stored_value.as_ref().is_some_and(|scheme| scheme.invoice_at_top_up)
    }

    fn top_up(&mut self, top_up: &TopUpFact) -> Result<Receipt, Problem> {
        let TopUpFact { member, receipt, principal, bonus, .. } = top_up;
        let parts = Parts { principal: *principal, bonus: *bonus };
        let account = self.account(*member, None, None)?;
        let invoice = self.invoices_at_top_up().then(|| match self.language {
            Language::Chinese => format!("发票：本次充值 ¥{principal}"),
            Language::English => format!("Invoice: for ¥{principal}"),
        });
        Ok(Receipt {
            total: *principal,
            money: *principal,
            account: Some(account),
            explanation: invoice.into_iter().collect(),
            ..self.keyed(ReceiptKind::TopUp(parts), receipt)?
        })
    }

    fn top_up_back(&mut self, back: &TopUpBackFact) -> Result<Receipt, Problem> {
        let TopUpBackFact { member, receipt, principal, bonus, .. } = back;
        let parts = Parts { principal: *principal, bonus: *bonus };
        let account = self.account(*member, None, None)?;
        Ok(Receipt {
            total: *principal,
            money: *principal,
            account: Some(account),
            signature: true,
            ..self.keyed(ReceiptKind::TopUpBack(parts), receipt)?
        })
    }

    fn pass_back(&mut self, back: &PassBackFact) -> Result<Receipt, Problem> {
        let sold_by = self.view.pass_sale(back.pass_sale)?.map(|sold| sold.receipt.check).unwrap_or_default();
        let account = self.account(back.member, None, None)?;
        let name = self.language.name(&self.label(&back.pass));
        let uses = match self.language {
            Language::Chinese => format!("退 {} 次", back.uses),
            Language::English => format!("{} uses taken back", back.uses),
        };
        Ok(Receipt {
            lines: vec![whole(&name, back.price, back.price)],
            total: back.price,
            money: back.price,
            account: Some(account),
            explanation: vec![uses],
            signature: true,
            ..self.keyed(ReceiptKind::Return { sold_by }, &back.receipt)?
        })
    }

    fn pass(&mut self, sold: &PassSoldFact) -> Result<Receipt, Problem> {
        let account = self.account(sold.member, None, None)?;
        let name = self.language.name(&self.label(&sold.pass));
        Ok(Receipt {
            lines: vec![whole(&name, sold.price, sold.price)],
            total: sold.price,
            money: sold.price,
            account: Some(account),
            ..self.keyed(ReceiptKind::PassSold, &sold.receipt)?
        })
    }

    fn reward(&mut self, reward: &RewardFact) -> Result<Receipt, Problem> {
        let account = self.account(reward.member, Some(reward.points_after), None)?;
        let name = self.language.name(&self.label(&reward.reward));
        let quantity = u32::try_from(reward.pieces).unwrap_or(u32::MAX);
        Ok(Receipt {
            lines: vec![ReceiptLine { quantity, ..whole(&name, Fen(0), Fen(0)) }],
            points: (reward.points, Fen(0)),
            account: Some(account),
            ..self.keyed(ReceiptKind::Reward, &reward.receipt)?
        })
    }

    fn keyed(&mut self, kind: ReceiptKind, key: &Key) -> Result<Receipt, Problem> {
        self.blank(kind, key.store.0, (&key.till, &key.check, key.date))
    }

    /// A receipt that says where and when, and nothing else.
    fn blank(
        &mut self,
        kind: ReceiptKind,
        store: u32,
        (till, check, date): (&str, &str, BusinessDate),
    ) -> Result<Receipt, Problem> {
        let shops = self.view.stores()?;
        let shop = shops.into_iter().find(|shop| shop.store.0 == store).map(|shop| shop.name);
        Ok(Receipt {
            shop: shop.unwrap_or_default(),
            store: purser_types::StoreNumber(store),
            till: till.to_owned(),
            check: check.to_owned(),
            date,
            time: self.view.time_of_day(self.entry.hlc.wall_ms),
            kind,
            lines: Vec::new(),
            taken_off: Vec::new(),
            cut: Fen(0),
            total: Fen(0),
            points: (0, Fen(0)),
            stored_value: Parts::default(),
            money: Fen(0),
            account: None,
            explanation: Vec::new(),
            signature: false,
        })
    }

    /// The member, with what there is afterwards: as the sale's detail says, or as things stand now.
    fn account(
        &mut self,
        member: MemberId,
        points_after: Option<i64>,
        detail: Option<&SaleDetail>,
    ) -> Result<Account, Problem> {
        let today = self.view.date_at(self.now_ms);
        let standing = self.view.standing(member, self.now_ms)?;
        let now = self.view.balance(member, Asset::Points, today)?;
        let next = now.lots.iter().find(|lot| lot.is_live(today) && lot.unheld() > 0);
        let points_until = next.and_then(|lot| Some((lot.until?, lot.unheld())));
        let held: Vec<Holding> = match detail {
            Some(detail) => detail.after.iter().map(|held| (held.asset, held.amount, held.until)).collect(),
            None => self.held_now(member, today)?,
        };
        let (passes, coupons) = self.pieces(&held)?;
        let has_points = self.programme.earning.is_some() || now.balance != 0;
        Ok(Account {
            card: self.card(member)?,
            tier: Some(standing.programme.tiers[standing.standing.tier].name.clone()),
            earned: 0,
            earned_until: None,
            points: Some(points_after.unwrap_or(now.balance)).filter(|_| has_points),
            points_until,
            stored_value: self.programme.stored_value.as_ref().map(|_| stored(&held)),
            passes,
            coupons,
        })
    }

    fn held_now(&mut self, member: MemberId, today: BusinessDate) -> Result<Vec<Holding>, Problem> {
        let held = self.view.holds(member, self.now_ms)?;
        let holding = |(asset, balance): (Asset, purser_replica::Balance)| {
            let live = balance.lots.iter().filter(|lot| lot.is_live(today) && lot.unheld() > 0);
            (asset, balance.balance, live.filter_map(|lot| lot.until).min())
        };
        Ok(held.into_iter().map(holding).collect())
    }

    /// Passes and coupons by name; of kinds that no programme names any more nothing is said.
    fn pieces(&mut self, held: &[Holding]) -> Result<(Vec<Held>, Vec<Held>), Problem> {
        let programmes = self.view.programmes()?;
        let (mut passes, mut coupons) = (Vec::new(), Vec::new());
        for (asset, count, until) in held {
            let pass = programmes.iter().flat_map(|it| &it.passes).map(|pass| (&pass.id, &pass.name));
            let coupon = programmes.iter().flat_map(|it| &it.coupons).map(|it| (&it.id, &it.name));
            let named = match asset {
                Asset::Pass(kind) => pass.into_iter().find(|(id, _)| id.kind() == *kind),
                Asset::Coupon(kind) => coupon.into_iter().find(|(id, _)| id.kind() == *kind),
                _ => None,
            };
            let Some((_, name)) = named else { continue };
            let piece = Held { name: name.clone(), count: *count, until: *until };
            if matches!(asset, Asset::Pass(_)) { passes.push(piece) } else { coupons.push(piece) }
        }
        Ok((passes, coupons))
    }

    /// The member's first card that is served, but for its middle; the member's id where there is none.
    fn card(&mut self, member: MemberId) -> Result<String, Problem> {
        let profile = self.view.profile(member)?;
        let served = profile.cards.iter().find(|(_, state)| **state == CardState::Active);
        Ok(served.map_or_else(|| member.to_string(), |(card, _)| card.masked()))
    }

    /// The last day of the points that the entry brings.
    fn earned_until(&self, member: MemberId) -> Option<BusinessDate> {
        self.entry.facts.iter().find_map(|fact| match fact {
            Fact::Postings(postings) => postings.iter().find_map(|posting| match posting {
                Posting::Credit { lot, .. } if lot.member == member && lot.asset == Asset::Points => {
                    lot.expires_on
                }
                _ => None,
            }),
            _ => None,
        })
    }

    /// A line as it is marked where the scheme has points at all.
    fn marked(&self, line: ReceiptLine) -> ReceiptLine {
        let earns_no_points = line.earns_no_points && self.programme.earning.is_some();
        ReceiptLine { earns_no_points, ..line }
    }

    /// What a rule is called; its id if the programme that decided is not known here.
    fn label(&self, id: &str) -> Label {
        let programme = &self.programme;
        let discounts = programme.discounts.iter().map(|rule| (&rule.id, &rule.name));
        let coupons = programme.coupons.iter().map(|rule| (&rule.id, &rule.name));
        let passes = programme.passes.iter().map(|rule| (&rule.id, &rule.name));
        let rewards = programme.rewards.iter().map(|rule| (&rule.id, &rule.name));
        let mut rules = discounts.chain(coupons).chain(passes).chain(rewards);
        rules.find(|(of, _)| of.as_str() == id).map_or_else(|| Label::plain(id), |(_, name)| name.clone())
    }
}

fn line_of(line: &purser_journal::DetailLine) -> ReceiptLine {
    let name = if line.name.is_empty() { &line.article } else { &line.name };
    let gross = Fen(line.unit_price.0.saturating_mul(line.quantity.into()));
    ReceiptLine {
        name: name.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        gross,
        price: line.price,
        earns_no_points: line.earns.0 == 0 && line.price.0 > 0,
    }
}

/// Some pieces of a line.
fn part_of(line: &ReceiptLine, pieces: u32) -> ReceiptLine {
    let gross = Fen(line.unit_price.0.saturating_mul(pieces.into()));
    ReceiptLine { quantity: pieces, gross, price: gross, ..line.clone() }
}

fn whole(name: &str, gross: Fen, price: Fen) -> ReceiptLine {
    let name = name.to_owned();
    ReceiptLine { name, quantity: 1, unit_price: gross, gross, price, earns_no_points: false }
}

/// What was taken off in all, where it is not known by what; below zero where the last of the goods brings back what
/// earlier ones did not.
fn reduction(gross: Fen, price: Fen) -> Option<(Label, Fen)> {
    (gross != price).then(|| (Label::of("优惠", "Discounts"), Fen(gross.0 - price.0)))
}

fn parts(principal: Option<Fen>, bonus: Option<Fen>) -> Parts {
    Parts { principal: principal.unwrap_or_default(), bonus: bonus.unwrap_or_default() }
}

fn stored(held: &[Holding]) -> Parts {
    let part = |asset| Fen(held.iter().find(|(of, ..)| *of == asset).map_or(0, |(_, amount, _)| *amount));
    Parts { principal: part(Asset::WalletPrincipal), bonus: part(Asset::WalletBonus) }
}
